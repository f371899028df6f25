-- train.csv is the past.

INSERT INTO stage.plays
SELECT row, listener, song, behaviour, screen, source, repeated, false FROM stage.play_rows WHERE text IS NULL;
