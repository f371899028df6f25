INSERT INTO stage.cuts VALUES (getvariable('cut'), getvariable('reason'));
