"""What the operator gave: each PEYVAND_* name, read once, with its default and its line in the reference page."""

from peyvand.config.settings.environment import choice, flag, folder, number, text, words

# Where it runs
DATA = folder("DATA", "./data", "Folder that keeps everything: database, lake, files, backups, secret.key.")
HOST = text("HOST", "127.0.0.1", "Address the web process listens on; 0.0.0.0 means every interface.")
PORT = number("PORT", 8000, "Port the web process listens on.", low=1, high=65535)
URL = text("URL", "", "Public address, such as https://cx.example.ir; where empty, http://localhost: and the port.")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "", "Further host names answered, beside that of PEYVAND_URL and localhost.")
TRUSTED_PROXIES = words("TRUSTED_PROXIES", "", "Proxies (addresses, networks) whose X-Forwarded-For and -Proto count.")
APPS = words("APPS", "", "Further Django applications to install, such as a connector from another package.")
INTERNAL_HOSTS = words(
    "INTERNAL_HOSTS",
    "",
    "Hosts, or host:port, of your own network that webhooks may reach, over http too; others need https and a public address.",
)
DEBUG = flag("DEBUG", "Show error pages with source code. Never on a public address.")

# Stores
BACKUP_HOUR = number("BACKUP_HOUR", 3, "Hour, by this machine's clock, of the worker's daily backup; -1 means never.", low=-1, high=23)
BACKUP_KEEP = number("BACKUP_KEEP", 7, "How many of the worker's backups are kept.", low=1, high=1000)
BACKUP_FOLDER = text("BACKUP_FOLDER", "", "Folder of the worker's backups, best on another disk; where empty, DATA/backups.")
DATABASE_URL = text("DATABASE_URL", "", "postgres://user:password@host:port/name; where empty, SQLite in DATA.")
WALLS = flag(
    "WALLS", "On PostgreSQL, row-level security as a second wall between workspaces, where the database's user may lay it.", default="yes"
)
STATEMENT_SECONDS = number("STATEMENT_SECONDS", 30, "Longest statement of the web process on PostgreSQL.", low=1)
ANALYTICS = text("ANALYTICS", "duckdb", "What computes figures over the lake: duckdb, chdb, or spark://host:port of a Spark cluster.")
REDIS_URL = text("REDIS_URL", "", "redis://host:port/number: cache and sign-in counters that several machines share.")

# Limits of the web process
API_A_MINUTE = number("API_A_MINUTE", 600, "Requests of one API key a minute, apart from ingest; beyond it 429.", low=1)
THREADS = number("THREADS", 8, "Threads of the web process that run pages.", low=1, high=64)
MAX_BODY_MB = number(
    "MAX_BODY_MB", 100, "Largest request body of somebody signed in, in megabytes (of others: 2); more is 413.", low=1, high=4096
)
SEND_SECONDS = number("SEND_SECONDS", 30, "Seconds a client may take to read the next piece of an answer.", low=1, high=3600)

# Secrets and sign-in
SECRET_KEY = text("SECRET_KEY", "", "Signs cookies and links; where empty, made once, in DATA/secret.key.")
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS", "", "Earlier values of PEYVAND_SECRET_KEY whose sessions and links still hold.")
OWNER_PASSWORD = text("OWNER_PASSWORD", "", "Password that `peyvand createowner` gives, where no one can type it.")
DEMO_PASSWORD = text("DEMO_PASSWORD", "", "Password of demo@peyvand.example; where empty, made up and printed.")

# Mail
SMTP_HOST = text("SMTP_HOST", "", "Mail server; where empty, no mail leaves and each is kept in DATA/mail.")
SMTP_PORT = number("SMTP_PORT", 587, "Port of the mail server.", low=1, high=65535)
SMTP_USER = text("SMTP_USER", "", "User name at the mail server, if it asks for one.")
SMTP_PASSWORD = text("SMTP_PASSWORD", "", "Password at the mail server.")
SMTP_TLS = choice("SMTP_TLS", ("starttls", "tls", "none"), "How the connection to the mail server is protected.")
SMTP_FROM = text("SMTP_FROM", "", "Sender, such as Brand <hello@example.ir>; where empty, peyvand@ and our host.")
DKIM_SELECTOR = text("DKIM_SELECTOR", "", "Selector (s=) with which your mail server signs, so that doctor can look its key up.")

# Logs
LOG_FORMAT = choice("LOG_FORMAT", ("json", "text"), "Shape of a log line.")
METRICS_TOKEN = text("METRICS_TOKEN", "", "Bearer token that opens /metrics from elsewhere; where empty, only this machine reads it.")
LOG_LEVEL = choice("LOG_LEVEL", ("info", "debug", "warning", "error"), "Least serious event that is logged.")
