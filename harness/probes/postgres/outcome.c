/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.c - what libpq says, as outcome, code and message.
 *
 * libpq keeps the SQLSTATE of a failed connection to itself. With PQERRORS_VERBOSE set before
 * the first poll its text has it: "…failed: FATAL:  28P01: password authentication …". The
 * word before may be translated by the server, the form is not. Everything without a code is
 * libpq's own text, in English since the process has no other locale.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "probes/postgres/pg.h"

static const struct {
    const char *code, *outcome;
} by_code[] = {
    { "28P01", "login-refused"        },
    { "28000", "login-refused"        },
    { "42501", "login-refused"        }, /* no CONNECT on the database */
    { "3D000", "no-database"          },
    { "53300", "too-many-connections" },
    { "57P03", "starting"             },
    { "57P01", "starting"             },
    { "08P01", "protocol"             }, /* a pooler that knows no startup options */
};

static const struct {
    const char *stage, *text, *outcome; /* stage NULL: any */
} by_text[] = {
    { NULL,  "Connection refused",                 "refused"       },
    { NULL,  "Connection timed out",               "timeout"       },
    { NULL,  "No route to host",                   "unreachable"   },
    { NULL,  "Network is unreachable",             "unreachable"   },
    { NULL,  "Network is down",                    "unreachable"   },
    { NULL,  "Host is down",                       "unreachable"   },
    { NULL,  "Permission denied",                  "unreachable"   },
    { NULL,  "Too many open files",                "local"         },
    { NULL,  "Cannot assign requested address",    "local"         },
    { NULL,  "No buffer space available",          "local"         },
    { NULL,  "out of memory",                      "local"         },
    { NULL,  "could not create socket",            "local"         },
    { NULL,  "could not match",                    "local"         },
    { NULL,  "could not read certificate file",    "local"         },
    { NULL,  "could not load private key",         "local"         },
    { NULL,  "could not read root certificate",    "local"         },
    { NULL,  "root certificate file",              "local"         },
    { NULL,  "certificate file",                   "local"         },
    { NULL,  "private key file",                   "local"         },
    { NULL,  "server does not support SSL",        "tls-refused"   },
    { "tls", "received invalid response to SSL",   "protocol"      },
    { "tls", "wrong version number",               "protocol"      },
    { "tls", "packet length too long",             "protocol"      },
    { NULL,  "Connection reset",                   "reset"         },
    { NULL,  "Broken pipe",                        "reset"         },
    { NULL,  "closed the connection unexpectedly", "reset"         },
    { NULL,  "SSL SYSCALL error: EOF",             "reset"         },
    { NULL,  "SSL connection has been closed",     "reset"         },
    { NULL,  "SSL error",                          "tls-failed"    },
    { NULL,  "certificate",                        "tls-failed"    },
    { NULL,  "channel binding",                    "login-refused" },
    { NULL,  "SCRAM",                              "login-refused" },
    { NULL,  "fe_sendauth",                        "login-refused" },
    { NULL,  "authentication method",              "login-refused" },
};

/* Where "28P01: text" begins, or NULL. */
static const char *find_code(const char *error)
{
    for (const char *p = strstr(error, ":  "); p != NULL; p = strstr(p + 1, ":  ")) {
        const char *code = p + 3;
        size_t n = 0;

        while (n < 5 && (isdigit((unsigned char)code[n]) || isupper((unsigned char)code[n]))) {
            n++;
        }
        if (n == 5 && code[5] == ':') {
            return code;
        }
    }
    return NULL;
}

void pg_copy_message(const char *error, char *ret, size_t size)
{
    const char *code = find_code(error);
    const char *from = code ? code + 6 : strstr(error, " failed: ");
    const char *end;
    size_t len;

    if (code == NULL) {
        from = from ? from + strlen(" failed: ") : error;
    }
    from += strspn(from, " ");
    end = strstr(from,
                 code ? "\nLOCATION:" : "\n"); /* without a code: libpq's advice follows */
    len = end ? (size_t)(end - from) : strlen(from);
    while (len > 0 && isspace((unsigned char)from[len - 1])) {
        len--;
    }
    snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), from);
}

/* The method, when the failure is that we would have had to give the password away. */
static void explain_guard(struct hg_outcome *ret)
{
    const char *was = strstr(ret->message, "channel binding");

    if (was == NULL) {
        return;
    }
    snprintf(ret->code, sizeof(ret->code), "channel-binding");
    snprintf(ret->message, sizeof(ret->message),
             "no password was sent: the server's certificate is not fully verified, and the "
             "server offers no SCRAM with channel binding, which alone is safe then; "
             "verify the server with tls.mode verify-full");
}

void pg_explain(const char *error, struct hg_outcome *ret)
{
    const char *code = find_code(error);

    pg_copy_message(error, ret->message, sizeof(ret->message));
    if (code != NULL) {
        snprintf(ret->code, sizeof(ret->code), "%.5s", code);
        ret->outcome = "login-refused";
        for (size_t i = 0; i < HG_COUNT(by_code); i++) {
            if (strncmp(by_code[i].code, code, 5) == 0) {
                ret->outcome = by_code[i].outcome;
            }
        }
        return;
    }
    ret->outcome = strcmp(ret->stage, "connect") == 0 ? "unreachable" : "protocol";
    for (size_t i = 0; i < HG_COUNT(by_text); i++) {
        if ((by_text[i].stage == NULL || strcmp(by_text[i].stage, ret->stage) == 0) &&
            strstr(ret->message, by_text[i].text) != NULL) {
            ret->outcome = by_text[i].outcome;
            break;
        }
    }
    if (strcmp(ret->outcome, "login-refused") == 0) {
        explain_guard(ret);
    } else if (strcmp(ret->outcome, "tls-refused") == 0) {
        snprintf(ret->message, sizeof(ret->message),
                 "the server offers no TLS; where that is meant, write `tls: {mode: off}`");
    }
}

bool pg_before_login(const struct hg_outcome *outcome)
{
    return strcmp(outcome->stage, "auth") != 0 && strcmp(outcome->stage, "ready") != 0;
}
