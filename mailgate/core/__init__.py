"""The core: values in, values out. It reads no clock, no file, no network and no database."""
