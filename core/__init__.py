"""The core of musicrec: tables, models, training, evaluation, ranking, and the explorer in front of them."""
