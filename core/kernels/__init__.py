"""Inner loops on arrays, compiled by numba on the user's machine. Nothing here knows models or datasets."""
