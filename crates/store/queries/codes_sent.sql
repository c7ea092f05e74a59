SELECT sent_at
FROM code_sent
WHERE phone_index = $1 AND sent_at > $2
ORDER BY sent_at;
