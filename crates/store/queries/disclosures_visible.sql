-- For the public: how many, and of how many people. There are few; an index has them in this order.
SELECT visible_at, people
FROM disclosure
WHERE visible_at <= $1
ORDER BY visible_at, disclosure_id;
