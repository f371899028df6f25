-- Text as it may be shown: no control character, no escape sequence, no override of direction, single spaces, NFC.

CREATE TEMP MACRO strange(x) AS regexp_matches(
    x,
    '[\p{Cc}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]|  '
);

-- What NFC may change: marks, Hangul letters, compatibility forms. Asking first is cheaper than normalising all.
CREATE TEMP MACRO unsettled(x) AS strange(x) OR strlen(x) <> length(x) AND regexp_matches(
    x,
    '[\p{M}\x{374}\x{37e}\x{387}\x{958}-\x{9e3}\x{a33}-\x{a5e}\x{b5c}-\x{b5d}\x{f43}-\x{fb9}\x{1100}-\x{11ff}\x{1f71}-\x{1fff}\x{2126}-\x{212b}\x{2329}-\x{232a}\x{2adc}\x{f900}-\x{fb4f}\x{11000}-\x{11fff}\x{16d00}-\x{16dff}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1d}]'
);

-- The same of a text without control characters of ASCII and without two spaces in a row: one search in place of two.
CREATE TEMP MACRO foreign_strange(x) AS regexp_matches(
    x,
    '[\p{Cc}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\p{M}\x{374}\x{37e}\x{387}\x{958}-\x{9e3}\x{a33}-\x{a5e}\x{b5c}-\x{b5d}\x{f43}-\x{fb9}\x{1100}-\x{11ff}\x{1f71}-\x{1fff}\x{2126}-\x{212b}\x{2329}-\x{232a}\x{2adc}\x{f900}-\x{fb4f}\x{11000}-\x{11fff}\x{16d00}-\x{16dff}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1d}]'
);

-- Whole terminal sequences: CSI, then OSC and its kin up to their terminator, then two-character escapes.
CREATE TEMP MACRO without_escapes(x) AS regexp_replace(
    x,
    '(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x{90}\x{98}\x{9d}-\x{9f}])[^\x07\x1b\x{9c}]*(?:\x07|\x1b\\|\x{9c})|\x1b[ -/]*[0-~]',
    '',
    'g'
);

CREATE TEMP MACRO without_controls(x) AS regexp_replace(
    x, '[\x00-\x08\x0e-\x1f\x7f-\x{84}\x{86}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'
);

CREATE TEMP MACRO trimmed(x) AS CASE WHEN starts_with(x, ' ') OR ends_with(x, ' ') THEN trim(x) ELSE x END;

CREATE TEMP MACRO scrubbed(x) AS nullif(
    nfc_normalize(trim(regexp_replace(without_controls(without_escapes(x)), '[\s\x0b\x{85}\pZ]+', ' ', 'g'))), ''
);

-- A text cut from one that is known to be unsettled or not.
CREATE TEMP MACRO tidy(x, unsettled) AS CASE WHEN unsettled THEN scrubbed(x) ELSE nullif(trimmed(x), '') END;

CREATE TEMP MACRO clean(x) AS tidy(x, unsettled(x));

-- Each text of a list where it first stands, empty ones dropped. The list of one list names it, so that it is made once.
CREATE TEMP MACRO distinct_texts(texts) AS list_transform(
    [texts],
    lambda list: list_filter(list, lambda text, place: text <> '' AND list_position(list, text) = place)
)[1];

CREATE TEMP MACRO clean_list(texts) AS distinct_texts(list_transform(texts, lambda text: clean(text)));

-- yyyymmdd as an integer, 0 for a part that is not known or cannot be; NULL without a year.
CREATE TEMP MACRO day_number(x) AS CASE
    WHEN regexp_full_match(x, '(?:1[89]|20)\d{6}') THEN
        CASE
            WHEN try_strptime(x, '%Y%m%d') IS NOT NULL THEN CAST(x AS INTEGER)
            WHEN try_strptime(x[1:6], '%Y%m') IS NOT NULL THEN CAST(x[1:6] AS INTEGER) * 100
            ELSE CAST(x[1:4] AS INTEGER) * 10000
        END
    WHEN regexp_full_match(x, '(?:1[89]|20)\d{2}') THEN CAST(x AS INTEGER) * 10000
END;

CREATE TEMP MACRO day(x) AS CAST(CASE WHEN regexp_full_match(x, '\d{8}') THEN try_strptime(x, '%Y%m%d') END AS DATE);
