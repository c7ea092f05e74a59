-- Waits for nobody, so numbers may become visible out of order: what follows them reads some again.
SELECT NEXTVAL('change_number');
