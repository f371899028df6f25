-- What slices of held-out songs go by; songs by falling training plays.

SELECT id, plays, language, genre_names FROM songs ORDER BY song
