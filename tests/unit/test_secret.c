/* SPDX-License-Identifier: Apache-2.0 */
/* test_secret.c - secret payloads as the seed stores them, and as people really write them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/common/secret.h"
#include "unit/unit.h"

static struct hg_secret *read_as(const char *engine, const char *text)
{
    struct hg_error err = { 0 };
    struct hg_secret *secret = hg_secret_parse(text, strlen(text), engine, &err);

    if (secret == NULL) {
        print_error("%s: %s\n", text, err.text);
    }
    assert_non_null(secret);
    return secret;
}

static size_t count(const struct hg_secret *secret, const char *list)
{
    return json_array_size(json_object_get(secret->report, list));
}

static const char *in_list(const struct hg_secret *secret, const char *list, const char *key)
{
    const json_t *item = json_array_get(json_object_get(secret->report, list), 0);

    return json_string_value(key ? json_object_get(item, key) : item);
}

static void assert_text(const char *actual, const char *expected)
{
    if (expected == NULL) {
        assert_null(actual);
    } else {
        assert_non_null(actual);
        assert_string_equal(actual, expected);
    }
}

/* `--payload`: the payload itself says whose it is. */
static void payload_of_no_engine_yet(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
    } rows[] = {
        { "{\"hostname\":\"h\",\"port\":3306}",                         "h", 3306  },
        { "{\"hostname\":\"h\"}",                                       "h", 0     },
        { "{\"connection_string\":\"mongodb://u:p@h/d\"}",              "h", 27017 },
        { "{\"connection_string\":\"mongodb://u:p@h:1/d\",\"port\":2}", "h", 1     },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_secret *secret = read_as(NULL, rows[i].text);

        assert_text(secret->host, rows[i].host);
        assert_int_equal(secret->port, rows[i].port);
        hg_secret_free(secret);
    }
}

static void payloads_of_three_engines(void **state)
{
    static const struct {
        const char *engine, *text, *host, *user, *password, *database, *auth_source, *set;
        int port;
    } rows[] = {
        { "mysql",
         "{\"hostname\":\"10.0.0.5\",\"port\":3306,\"username\":\"datastream_user\","
          "\"password\":\"s3cr3t!\",\"database\":\"contributor_db\"}",                    "10.0.0.5", "datastream_user", "s3cr3t!", "contributor_db", NULL,    NULL,  3306  },
        { "postgres",
         "{\"hostname\":\"h\",\"port\":\"15432\",\"username\":\"u\",\"password\":\"p\","
          "\"database\":\"d\"}",                                                          "h",        "u",               "p",       "d",              NULL,    NULL,  15432 },
        { "postgres", "{\"hostname\":\"h\"}",                                             "h",        NULL,              NULL,      NULL,             NULL,    NULL,  5432  },
        { "mysql",    "{\"host\":\"h\"}",                                                 "h",        NULL,              NULL,      NULL,             NULL,    NULL,  3306  },
        { "mongodb",
         "{\"connection_string\":\"mongodb://u:p@h:27018/programops?replicaSet=rs0&authSource="
          "admin\",\"database\":\"programops\",\"username\":\"u\",\"password\":\"p\"}",   "h",        "u",               "p",       "programops",     "admin", "rs0", 27018 },
        { "mongodb",
         "{\"hostname\":\"h\",\"username\":\"u\",\"password\":\"p\",\"database\":\"d\"}", "h",
         "u",                                                                                                            "p",       "d",              "d",     NULL,  27017 },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_secret *secret = read_as(rows[i].engine, rows[i].text);

        assert_text(secret->host, rows[i].host);
        assert_text(secret->username, rows[i].user);
        assert_text(secret->password, rows[i].password);
        assert_text(secret->database, rows[i].database);
        assert_text(secret->auth_source, rows[i].auth_source);
        assert_text(secret->replica_set, rows[i].set);
        assert_int_equal(secret->port, rows[i].port);
        assert_int_equal(secret->usable, rows[i].user != NULL);
        assert_int_equal(count(secret, "disagreements"), 0);
        hg_secret_free(secret);
    }
}

static void connection_strings(void **state)
{
    static const struct {
        const char *uri, *host, *user, *password, *database, *auth_source, *set;
        int port;
    } rows[] = {
        { "mongodb://u:p%40%2F%3a@h/d",                                                     "h",             "u",   "p@/:", "d",  "d",         NULL, 27017 },
        { "mongodb://u%20v:100%@h/d",                                                       "h",             "u v", "100%", "d",  "d",         NULL, 27017 },
        { "mongodb://u:p:q@h/",                                                             "h",             "u",   "p:q",  NULL, "admin",     NULL, 27017 },
        { "mongodb://u:p@a:1,b:2,c:3/d?replicaSet=r",                                       "a",             "u",   "p",    "d",  "d",         "r",  1     },
        { "mongodb://u:p@[::1]:27019/d",                                                    "::1",           "u",   "p",    "d",  "d",         NULL, 27019 },
        { "mongodb://u:p@[fe80::1%25eth0],b/d",                                             "fe80::1%eth0",  "u",   "p",    "d",  "d",         NULL,
         27017                                                                                                                                             },
        { "mongodb://h",                                                                    "h",             NULL,  NULL,   NULL, "admin",     NULL, 27017 },
        { "mongodb://h/d?appName=@x@",                                                      "h",             NULL,  NULL,   "d",  "d",         NULL, 27017 },
        { "mongodb://u:p@h:10255/?ssl=true&appName=@n@",                                    "h",             "u",   "p",    NULL, "admin",     NULL,
         10255                                                                                                                                             },
        { "mongodb://u@h/d",                                                                "h",             "u",   NULL,   "d",  "d",         NULL, 27017 },
        { "mongodb://u:@h/d",                                                               "h",             "u",   "",     "d",  "d",         NULL, 27017 },
        { "mongodb://u:p@h?authSource=x",                                                   "h",             "u",   "p",    NULL, "x",         NULL, 27017 },
        { "mongodb://u:p@h/d?AUTHSOURCE=%24external&authSource=y&replicaset=r%31;tls=true", "h",
         "u",                                                                                                       "p",    "d",  "$external", "r1", 27017 },
        { "mongodb+srv://u:p@c.example.net/d",                                              "c.example.net", "u",   "p",    "d",  "d",         NULL,
         27017                                                                                                                                             },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        char text[400];
        struct hg_secret *secret;

        snprintf(text, sizeof(text), "{\"connection_string\":\"%s\"}", rows[i].uri);
        secret = read_as("mongodb", text);
        assert_text(secret->host, rows[i].host);
        assert_text(secret->username, rows[i].user);
        assert_text(secret->password, rows[i].password);
        assert_text(secret->database, rows[i].database);
        assert_text(secret->auth_source, rows[i].auth_source);
        assert_text(secret->replica_set, rows[i].set);
        assert_int_equal(secret->port, rows[i].port);
        assert_int_equal(json_is_true(json_object_get(secret->report, "srv")),
                         strstr(rows[i].uri, "+srv") != NULL);
        hg_secret_free(secret);
    }
}

static void placeholders_and_missing_fields(void **state)
{
    struct hg_secret *secret = read_as(
        "mysql", "{\"hostname\":\"h\",\"username\":\"u\",\"password\":\"xx_secure_password_9\","
                 "\"database\":\"d\",\"note\":\"\"}");
    struct hg_secret *string = read_as(
        "mongodb", "{\"connection_string\":\"mongodb://u:REPLACE_WITH_PW@h/d\","
                   "\"password\":\"real\"}");
    struct hg_secret *bare = read_as("postgres",
                                     "{\"port\":1,\"password\":5,\"username\":\"\"}");

    (void)state;
    assert_false(secret->usable);
    assert_text(in_list(secret, "placeholders", "field"), "password");
    assert_text(in_list(secret, "placeholders", "value"), "SECURE_PASSWORD");
    assert_int_equal(count(secret, "fields"), 5);
    assert_false(string->usable);
    assert_text(in_list(string, "placeholders", "field"), "connection_string");
    assert_text(in_list(string, "placeholders", "value"), "REPLACE_WITH");
    assert_false(bare->usable);
    assert_int_equal(count(bare, "missing"), 4);
    assert_text(in_list(bare, "missing", NULL), "hostname");
    assert_null(hg_secret_placeholder(NULL));
    assert_null(hg_secret_placeholder("correct horse"));
    assert_string_equal(hg_secret_placeholder("${PW}"), "${");
    assert_string_equal(hg_secret_placeholder("changeme2"), "CHANGEME");
    hg_secret_free(bare);
    hg_secret_free(string);
    hg_secret_free(secret);
}

static void disagreements_hold_no_password(void **state)
{
    struct hg_secret *secret = read_as(
        "mongodb", "{\"connection_string\":\"mongodb://a:first-pw@h/x\",\"username\":\"b\","
                   "\"password\":\"second-pw\",\"database\":\"y\",\"hostname\":\"i\"}");
    char *text = json_dumps(secret->report, 0);

    (void)state;
    assert_int_equal(count(secret, "disagreements"), 4);
    assert_text(in_list(secret, "disagreements", "field"), "username");
    assert_text(in_list(secret, "disagreements", "field_value"), "b");
    assert_text(in_list(secret, "disagreements", "string_value"), "a");
    assert_null(strstr(text, "first-pw"));
    assert_null(strstr(text, "second-pw"));
    assert_text(secret->password, "second-pw");
    free(text);
    hg_secret_free(secret);
}

static void refusals_quote_nothing(void **state)
{
    static const char *const rows[][3] = {
        { "mysql",   "",                                                                    "not a JSON"          },
        { "mysql",   "hunter2",                                                             "not a JSON"          },
        { "mysql",   "\"hunter2\"",                                                         "not a JSON"          },
        { "mysql",   "[\"hunter2\"]",                                                       "not a JSON"          },
        { "mysql",   "{\"password\":\"hunter2\"",                                           "not a JSON"          },
        { "mysql",   "{\"password\":\"hunter2\"} x",                                        "not a JSON"          },
        { "mysql",   "{\"password\":\"hunter2\",\"password\":\"x\"}",                       "repeats"             },
        { "mysql",   "{\"password\":\"hunter2\\u0000\"}",                                   "not a JSON"          },
        { "mysql",   "{\"password\":\"hunter2\xff\"}",                                      "not a JSON"          },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":0}",                               "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":65536}",                           "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":\"hunter2\"}",                     "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":\"\"}",                            "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":\"+5\"}",                          "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":\"999999\"}",                      "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":1.5}",                             "`port`"              },
        { "mysql",   "{\"password\":\"hunter2\",\"port\":null}",                            "`port`"              },
        { "mongodb", "{\"connection_string\":\"postgres://u:hunter2@h\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"hunter2\"}",                                 "`connection_string`" },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2@\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2@:1/\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2@[::1/\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2@h:x/\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://%ff:hunter2@h/\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2%ff@h/\"}",
         "`connection_string`"                                                                                    },
        { "mongodb", "{\"connection_string\":\"mongodb://u:hunter2@q@h:1/d\"}",             "raw @"               },
        { "mongodb", "{\"connection_string\":\"mongodb://u:p/hunter2@h/d\"}",               "raw @"               },
        { "mongodb", "{\"connection_string\":\"mongodb://u:p?hunter2@h/d\"}",               "raw @"               },
        { "mongodb", "{\"connection_string\":\"mongodb://u:p?a=hunter2@h/d\"}",             "raw @"               },
        { "mongodb", "{\"connection_string\":\"mongodb://u:p@q/hunter2@h/d?appName=@x@\"}",
         "raw @"                                                                                                  },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_secret *none = hg_secret_parse(rows[i][1], strlen(rows[i][1]), rows[i][0],
                                                 &err);

        if (none != NULL || strstr(err.text, rows[i][2]) == NULL) {
            print_error("%s: %s\n", rows[i][1], err.text);
        }
        assert_null(none);
        assert_int_equal(err.code, HG_E_SYNTAX);
        assert_non_null(strstr(err.text, rows[i][2]));
        assert_null(strstr(err.text, "hunter2"));
    }
}

/* Hands a payload over as the harness does: on a descriptor. */
static struct hg_secret *read_padded(size_t padding, struct hg_error *err)
{
    FILE *file = tmpfile();
    struct hg_secret *secret;

    assert_non_null(file);
    fputs("{\"hostname\":\"h\",\"username\":\"u\",\"password\":\"p\",\"database\":\"d\"}",
          file);
    for (size_t i = 0; i < padding; i++) {
        putc(' ', file);
    }
    fflush(file);
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    secret = hg_secret_read(fileno(file), "mysql", err);
    fclose(file);
    return secret;
}

static void a_payload_is_at_most_64_kib(void **state)
{
    struct hg_error err = { 0 };
    struct hg_secret *secret = read_padded(60000, &err);

    (void)state;
    assert_non_null(secret);
    assert_true(secret->usable);
    hg_secret_free(secret);
    assert_null(read_padded(70000, &err));
    assert_true(err.code != HG_E_NONE && err.code != HG_E_NOMEM);
}

static void wiping_leaves_nothing(void **state)
{
    char text[] = "hunter2";

    (void)state;
    hg_wipe(text, sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++) {
        assert_int_equal(text[i], 0);
    }
    hg_secret_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_of_three_engines),
        cmocka_unit_test(payload_of_no_engine_yet),
        cmocka_unit_test(connection_strings),
        cmocka_unit_test(placeholders_and_missing_fields),
        cmocka_unit_test(disagreements_hold_no_password),
        cmocka_unit_test(refusals_quote_nothing),
        cmocka_unit_test(a_payload_is_at_most_64_kib),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
