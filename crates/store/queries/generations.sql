SELECT number, place, digest, people, facts, bytes, begun_at, written_at
FROM mirror_generation
ORDER BY number DESC;
