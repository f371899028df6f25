-- How the KKBOX files are read if they are not even: line by line, so that an unbalanced quote cannot swallow the lines after
-- it, then cut into fields. `lines` gives every line after the header in order; in a file of CRLF ends each is followed by an
-- empty one.

CREATE TEMP MACRO lines(path) AS TABLE
SELECT line
FROM read_csv(
    path, columns = {'line': 'VARCHAR'}, header = false, skip = 1, delim = getvariable('no_delimiter'), quote = '',
    escape = '', auto_detect = false, strict_mode = false, new_line = '\n'
);

-- The number in the file, from 1, of the line at this place, from 0, in `lines`.
CREATE TEMP MACRO line_number(place) AS CASE WHEN getvariable('crlf') THEN (place + 3) // 2 ELSE place + 2 END;

-- Quoted fields may hold commas; a line whose quotes do not add up is cut at every comma.
CREATE TEMP MACRO quoted_fields(line) AS regexp_extract_all(',' || line, ',("(?:[^"]|"")*"[^,]*|[^,]*)', 1);

CREATE TEMP MACRO fields(line) AS CASE
    WHEN NOT getvariable('quotes') OR NOT contains(line, '"') THEN string_split(line, ',')
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

CREATE TEMP MACRO bare(x) AS CASE WHEN getvariable('plain') THEN x ELSE trimmed(x) END;

CREATE TEMP MACRO whole(parts) AS len(parts) = len(getvariable('columns'));

CREATE TEMP MACRO field(parts, name) AS CASE
    WHEN getvariable('quotes') THEN unquoted(parts[list_position(getvariable('columns'), name)])
    ELSE parts[list_position(getvariable('columns'), name)]
END;

-- What the files of songs and titles are known not to hold is not looked for.
CREATE TEMP MACRO shown(x) AS tidy(x, CASE
    WHEN getvariable('all_smooth') THEN strlen(x) <> length(x) AND foreign_strange(x) ELSE unsettled(x)
END);

-- NULL where the line does not have its fields.
CREATE TEMP MACRO whole_field(parts, name) AS CASE WHEN whole(parts) THEN field(parts, name) END;

CREATE TEMP MACRO usable_id(id) AS coalesce(
    id <> '' AND NOT CASE
        WHEN getvariable('smooth') THEN NOT getvariable('ascii') AND strlen(id) <> length(id) AND strange(id) ELSE strange(id)
    END,
    false
);

-- Why a line with this id, NULL where it lacks fields, cannot be used.
CREATE TEMP MACRO reason(line, id) AS CASE
    WHEN regexp_full_match(line, '[\s,"]*') THEN 'blank row'
    WHEN id IS NULL THEN 'wrong number of fields'
    WHEN id = '' THEN 'no id'
    ELSE 'an id that cannot be shown'
END;

-- What a play says of where it came from.
CREATE TEMP MACRO choice(x) AS CASE WHEN strlen(x) <> 4 OR lower(x) <> 'null' THEN clean(x) END;

-- The same where it is known what the file does not hold.
CREATE TEMP MACRO kept_choice(x) AS CASE
    WHEN getvariable('plain') THEN CASE WHEN strlen(x) <> 4 OR lower(x) <> 'null' THEN nullif(x, '') END ELSE choice(x)
END;

CREATE TEMP MACRO repetition(x) AS CASE bare(x) WHEN '1' THEN true WHEN '0' THEN false END;

CREATE TEMP MACRO values_of(x) AS CASE
    WHEN x IS NULL THEN CAST([] AS VARCHAR[])
    WHEN contains(x, '|') THEN distinct_texts(list_transform(string_split(x, '|'), lambda text: trim(text)))
    ELSE [x]
END;

-- ISRC: country (2), registrant (3), year (2), number (5). The data ends in 2017.
CREATE TEMP MACRO isrc(x) AS CASE
    WHEN regexp_full_match(upper(replace(x, '-', '')), '[A-Z]{2}[A-Z0-9]{3}\d{7}') THEN upper(replace(x, '-', ''))
END;

CREATE TEMP MACRO isrc_year(code) AS CAST(code[6:7] AS INTEGER) + CASE WHEN code[6:7] <= '17' THEN 2000 ELSE 1900 END;
