"""The configuration: TOML files in, whole checked values out, every mistake with its place and remedy."""
