"""The door for mail that comes in by SMTP: the only room that knows aiosmtpd."""
