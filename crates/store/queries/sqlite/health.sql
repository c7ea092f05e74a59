SELECT SQLITE_VERSION(), page_count * page_size, 0
FROM pragma_page_count, pragma_page_size;
