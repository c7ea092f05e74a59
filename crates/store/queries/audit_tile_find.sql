SELECT hashes
FROM audit_tile
WHERE level = $1 AND tile_index = $2;
