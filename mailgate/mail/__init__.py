"""RFC 5322 bytes to values and back."""
