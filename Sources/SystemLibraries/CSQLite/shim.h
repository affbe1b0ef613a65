// SQLite, and the variadic functions that Swift cannot call. Each is one call, nothing else.
#pragma once
#include <sqlite3.h>

typedef void (*csqlite_log_callback)(void *context, int code, const char *message);

// SQLITE_CONFIG_LOG (sqlite.org/errlog.html); only before the first connection of the process is opened.
static inline int csqlite_config_log(csqlite_log_callback callback, void *context) {
    return sqlite3_config(SQLITE_CONFIG_LOG, callback, context);
}

// Every SQLITE_DBCONFIG_... option that takes an int and tells what it became
// (sqlite.org/c3ref/c_dbconfig_defensive.html).
static inline int csqlite_db_config(sqlite3 *connection, int option, int value, int *became) {
    return sqlite3_db_config(connection, option, value, became);
}
