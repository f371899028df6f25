-- How the KKBOX files are read: line by line, so that an unbalanced quote cannot swallow the lines after it, then cut into
-- fields. Line numbers are those of the file; a CRLF reads as a line and an empty one.

CREATE TEMP MACRO lines(path) AS TABLE
SELECT CASE WHEN getvariable('crlf') THEN (row + 1) // 2 ELSE row END AS row, line
FROM (
    SELECT row_number() OVER () AS row, line
    FROM read_csv(
        path, columns = {'line': 'VARCHAR'}, header = false, skip = 0, delim = getvariable('no_delimiter'), quote = '',
        escape = '', auto_detect = false, strict_mode = false, new_line = '\n'
    )
)
WHERE row > 1 AND line IS NOT NULL;

-- Quoted fields may hold commas; a line whose quotes do not add up is cut at every comma.
CREATE TEMP MACRO quoted_fields(line) AS regexp_extract_all(',' || line, ',("(?:[^"]|"")*"[^,]*|[^,]*)', 1);

CREATE TEMP MACRO fields(line) AS CASE
    WHEN NOT contains(line, '"') THEN string_split(line, ',')
    WHEN len(quoted_fields(line)) = len(getvariable('columns')) THEN quoted_fields(line)
    WHEN len(string_split(line, ',')) = len(getvariable('columns')) THEN string_split(line, ',')
    ELSE quoted_fields(line)
END;

CREATE TEMP MACRO unquoted(x) AS CASE
    WHEN NOT contains(x, '"') THEN x
    WHEN len(x) > 1 AND starts_with(x, '"') AND ends_with(x, '"') THEN replace(x[2:-2], '""', '"')
    WHEN len(replace(x, '"', '')) % 2 = len(x) % 2 THEN replace(x, '""', '"')
    WHEN starts_with(x, '"') THEN replace(x[2:], '""', '"')
    WHEN ends_with(x, '"') THEN replace(x[:-2], '""', '"')
    ELSE replace(x, '""', '"')
END;

CREATE TEMP MACRO field(parts, name) AS unquoted(parts[list_position(getvariable('columns'), name)]);

CREATE TEMP MACRO id_field(parts, name) AS trim(field(parts, name));

CREATE TEMP MACRO whole(parts) AS len(parts) = len(getvariable('columns'));

CREATE TEMP MACRO usable_id(id) AS id <> '' AND NOT strange(id);

CREATE TEMP MACRO choice(x) AS CASE WHEN lower(clean(x)) <> 'null' THEN clean(x) END;

CREATE TEMP MACRO values_of(x) AS CASE
    WHEN x IS NULL THEN CAST([] AS VARCHAR[])
    WHEN contains(x, '|') THEN clean_list(string_split(x, '|'))
    ELSE list_filter([clean(x)], lambda text: text IS NOT NULL)
END;

-- ISRC: country (2), registrant (3), year (2), number (5). The data ends in 2017.
CREATE TEMP MACRO isrc(x) AS CASE
    WHEN regexp_full_match(upper(replace(x, '-', '')), '[A-Z]{2}[A-Z0-9]{3}\d{7}') THEN upper(replace(x, '-', ''))
END;

CREATE TEMP MACRO isrc_year(code) AS CAST(code[6:7] AS INTEGER) + CASE WHEN code[6:7] <= '17' THEN 2000 ELSE 1900 END;
