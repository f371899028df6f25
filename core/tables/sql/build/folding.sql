-- Searches compare folded text. Lower case is all that folding does to ASCII, and nothing to Chinese characters, kana and
-- Hangul syllables: only what is left over goes through Python.

CREATE TEMP MACRO folded(x) AS CASE
    WHEN regexp_full_match(
        x, '[\x00-\x7f\x{3001}-\x{3029}\x{3041}-\x{3096}\x{30a1}-\x{30fe}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{ac00}-\x{d7a3}]*'
    ) THEN lower(x)
    ELSE fold_text(x)
END;
