SELECT hashes
FROM audit_tile
WHERE tile_level = $1 AND tile_index = $2;
