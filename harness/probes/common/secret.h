/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * secret.h - a secret payload, as the seed stores it in Secret Manager: one JSON object with
 * hostname, port, username, password, database; for MongoDB connection_string, database,
 * username, password. Parsed in the probe only; wiped when freed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

struct json_t;

struct hg_secret {
    char *host; /* NULL when missing; without brackets */
    int port;   /* 0 when missing */
    char *username, *password, *database;
    char *auth_source, *replica_set; /* of a MongoDB connection string, or NULL */
    struct json_t *report; /* the value of the fact `secret.payload`: no password in it */
    bool usable; /* everything needed for a login is there and none of it is a placeholder */
};

/* Reads and parses a payload from a descriptor. `engine` decides default port and fields; NULL:
 * not known yet, a connection string is MongoDB's and a port that is not stated is 0.
 * Errors (HG_E_SYNTAX: not a JSON object, too large, a port that is no port) never quote the
 * payload. */
HG_MUST_CHECK struct hg_secret *hg_secret_read(int fd, const char *engine,
                                               struct hg_error *err);
HG_MUST_CHECK struct hg_secret *hg_secret_parse(const char *text, size_t len,
                                                const char *engine, struct hg_error *err);
void hg_secret_free(struct hg_secret *secret);
HG_DEFINE_AUTO(struct hg_secret, hg_secret_free)

/* The placeholder pattern that a value contains ("REPLACE_WITH", "SECURE_PASSWORD", …) or NULL.
 */
const char *hg_secret_placeholder(const char *value);

/* Overwrites memory so that the compiler cannot leave it out. */
void hg_wipe(void *memory, size_t size);
