"""The models: what each can be told (`configs`), the interface all keep (`base`), and one module for each."""
