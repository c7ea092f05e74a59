-- Two programs that wrote the same number: the second is left out.
INSERT INTO mirror_generation
    (number, place, digest, people, facts, bytes, begun_at, written_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (number) DO NOTHING;
