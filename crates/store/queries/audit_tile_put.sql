INSERT INTO audit_tile (level, tile_index, hashes)
VALUES ($1, $2, $3)
ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes;
