INSERT INTO audit_tile (tile_level, tile_index, hashes)
VALUES ($1, $2, $3)
ON CONFLICT (tile_level, tile_index) DO UPDATE SET hashes = excluded.hashes;
