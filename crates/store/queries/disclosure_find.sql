SELECT disclosure_id, authority_id, recipient, basis, people, approved_at, visible_at, ends_at
FROM disclosure
WHERE disclosure_id = $1;
