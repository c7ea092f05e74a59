DELETE FROM code_sent
WHERE sent_at < $1;
