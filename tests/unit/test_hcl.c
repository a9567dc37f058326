/* SPDX-License-Identifier: Apache-2.0 */
/* test_hcl.c - Terraform's language as far as it is read, and what a folder of it comes to. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "load/hcl.h"
#include "load/terraform.h"
#include "unit/unit.h"

#define MARKER "a-marker-word"

static char folder[] = "/tmp/headgate-hcl-XXXXXX";

static json_t *parse(const char *text, struct hg_error *err)
{
    return hg_hcl_parse("f.tf", text, strlen(text), err);
}

/* The attributes of one body as JSON. */
static void attributes(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "",                                                                                 "{}"                               },
        { "a = 1\nb = \"x\"\nc = true",                                                       "{\"a\":1,\"b\":\"x\",\"c\":true}" },
        { "a=\"x\" # c\nb=\"y\" // c\nc=\"z\" /* c */\r\n",
         "{\"a\":\"x\",\"b\":\"y\",\"c\":\"z\"}"                                                                                 },
        { "a = /* c */ \"x\"\nb = 1",                                                         "{\"b\":1}"                        },
        { "/* a = 1\n*/ b = 2",                                                               "{\"b\":2}"                        },
        { "a = var.x\nb = local.y-z\nc = a.b.c",
         "{\"a\":{\"ref\":\"var.x\"},\"b\":{\"ref\":\"local.y-z\"},"
          "\"c\":{\"ref\":\"a.b.c\"}}"                                                                                           },
        { "a = \"db-${var.x}\"\nb = \"$${x}\"",
         "{\"a\":{\"template\":\"db-${var.x}\"},\"b\":{\"template\":"
          "\"$${x}\"}}"                                                                                                          },
        { "a = \"q\\\"q\\\\\\n\"",                                                            "{\"a\":\"q\\\"q\\\\\\n\"}"        },
        { "a = \"${f(\"}\", \"${g(\"\\\"\")}\")}\"\nb = 1",                                   "{\"a\":null,\"b\":1}"             },
        { "a = var.x ? 1 : 2\nb = f(1,\n  2)\nc = [1,\n2]\nd = { x = 1\n y = \"}\" }\ne = 5",
         "{\"e\":5}"                                                                                                             },
        { "a = <<EOT\nb = 1\nEOT2\n  }\"${\nEOT\nc = 2",                                      "{\"c\":2}"                        },
        { "a = <<-E\n x\n   E\nc = 2",                                                        "{\"c\":2}"                        },
        { "a = 1.5\nb = -1\nc = 99999999999\nd = null\ne = x\nf = x[0]",                      "{}"                               },
        { "a = \"\\u0041\"\nb = 1",                                                           "{\"b\":1}"                        },
        { "a == 1",                                                                           NULL                               },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        json_auto_t *body = parse(rows[i].text, &err);
        json_auto_t *want = rows[i].want ? json_loads(rows[i].want, 0, NULL) : NULL;
        json_t *got = json_object_get(body, "attributes");

        if (want == NULL) {
            assert_null(body);
            continue;
        }
        if (json_is_null(json_object_get(want, "a"))) { /* there, whatever it is */
            json_object_del(want, "a");
            json_object_del(got, "a");
        }
        if (!json_equal(got, want)) {
            char *text = json_dumps(got, JSON_COMPACT);

            fail_msg("row %zu: %s, wanted %s", i, text ? text : err.text, rows[i].want);
        }
    }
}

static void blocks_nest(void **state)
{
    struct hg_error err = { 0 };
    json_auto_t *body = parse(
        "\xEF\xBB\xBF# x\nresource \"t\" \"n\" {\n  a = 1\n  b {\n    c = 2 }\n}\nlocals { d = 3 }\n",
        &err);
    json_t *first = json_array_get(json_object_get(body, "blocks"), 0);
    json_t *inner = json_array_get(json_object_get(first, "blocks"), 0);

    (void)state;
    assert_non_null(body);
    assert_string_equal(json_string_value(json_object_get(first, "type")), "resource");
    assert_string_equal(json_string_value(json_array_get(json_object_get(first, "labels"), 1)),
                        "n");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 2);
    assert_string_equal(json_string_value(json_object_get(inner, "type")), "b");
    assert_int_equal(json_integer_value(json_object_get(inner, "line")), 4);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(inner, "attributes"), "c")), 2);
    assert_int_equal(json_array_size(json_object_get(body, "blocks")), 2);
}

static void passwords_are_not_kept(void **state)
{
    static const char text[] = "password = \"" MARKER "\"\ndb_passwd = \"" MARKER
                               "\"\nsecret_data = <<E\n" MARKER "\nE\napi_token = \"" MARKER
                               "\"\nx { root_password = \"" MARKER
                               "\" }\nprivate_key = \"" MARKER "\"\nhostname = \"h\"\n";
    struct hg_error err = { 0 };
    json_auto_t *body = parse(text, &err);
    char *dump = json_dumps(body, 0);

    (void)state;
    assert_non_null(dump);
    assert_null(strstr(dump, MARKER));
    assert_non_null(strstr(dump, "\"h\""));
    free(dump);
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        { "a = \"x",         "f.tf:1: a string is not closed"             },
        { "\n\na = \"x\n\"", "f.tf:3: a string is not closed"             },
        { "a = <<E\nx\n",    "f.tf:1: a heredoc is not closed"            },
        { "a = [1, 2",       "f.tf:1: a bracket is not closed"            },
        { "a {\nb = 1\n",    "f.tf:3: a block is not closed"              },
        { "a = 1\n}",        "f.tf:2: a brace closes nothing"             },
        { "a b c",           "f.tf:1: neither `name = value` nor a block" },
        { "\n" MARKER " \"", "f.tf:2: a string is not closed"             },
        { "= 1",             "f.tf:1: neither `name = value` nor a block" },
        { "a = \"\xff\"",    "f.tf: not text in UTF-8"                    },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };

        assert_null(parse(rows[i].text, &err));
        assert_string_equal(err.text, rows[i].said);
    }
}

/* Deep and long ones end soon: by a limit, or by the end of the text. */
static void bombs(void **state)
{
    static const char *const pieces[] = { "a = ${", "a {",       "(",          "a = [",
                                          "\"${",   "a = <<E\n", "a = \"${\"", "a = <<E\nE\n",
                                          "a {}\n", "/*" };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(pieces); i++) {
        HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
        struct hg_error err = { 0 };
        json_t *body;

        hg_buf_puts(&text, "a = ");
        while (text.len < 500000) {
            hg_buf_puts(&text, pieces[i]);
        }
        body = hg_hcl_parse("f.tf", hg_buf_text(&text), text.len, &err);
        assert_true(body != NULL || err.text[0] != '\0');
        json_decref(body);
    }
}

/* ---- a folder ---- */

static void put_file(const char *name, const char *text)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void drop_files(void)
{
    static const char *const names[] = { "a.tf",          "b.tf",       "terraform.tfvars",
                                         "x.auto.tfvars", "dev.tfvars", "prod.tfvars" };
    char path[200];

    for (size_t i = 0; i < HG_COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
}

/* The host of the one profile, "" when it is not known. */
static const char *host_of(json_t *found)
{
    json_t *profile = json_array_get(json_object_get(found, "profiles"), 0);
    const char *host = json_string_value(json_object_get(profile, "host"));

    assert_non_null(profile);
    return host ? host : "";
}

#define PROFILE(host)                                                                                    \
    "resource \"google_datastream_connection_profile\" \"p\" {\n  mysql_profile {\n    hostname = " host \
    "\n    port = 3306\n    password = \"" MARKER "\"\n  }\n}\n"

static void variables(void **state)
{
    static const struct {
        const char *a, *own, *automatic, *dev, *prod, *host;
    } rows[] = {
        { PROFILE("\"h\""),                                                                                              NULL,          NULL,           NULL,          NULL,        "h"    },
        { PROFILE("var.h") "variable \"h\" { default = \"d\" }",                                                         NULL,          NULL,           NULL,          NULL,        "d"    },
        { PROFILE("var.h") "variable \"h\" { default = \"d\" }",                                                         "h = \"own\"", NULL,           NULL,
         NULL,                                                                                                                                                                      "own"  },
        { PROFILE("var.h") "variable \"h\" {}",                                                                          "h = \"own\"", "h = \"auto\"", NULL,          NULL,
         "auto"                                                                                                                                                                            },
        { PROFILE("var.h") "variable \"h\" {}",                                                                          NULL,          NULL,           "h = \"dev\"", NULL,        "dev"  },
        { PROFILE("var.h") "variable \"h\" {}",                                                                          NULL,          NULL,           "h = \"x\"",   "h = \"x\"", "x"    },
        { PROFILE("var.h") "variable \"h\" { default = \"d\" }",                                                         NULL,          NULL,           "h = \"dev\"",
         "h = \"prod\"",                                                                                                                                                            ""     },
        { PROFILE("var.h") "variable \"h\" {}",                                                                          "h = \"own\"", NULL,           "h = \"dev\"",
         "h = \"prod\"",                                                                                                                                                            "own"  },
        { PROFILE(
              "local.h") "locals { h = \"${local.i}.x\"\n i = \"n${var.n}\" }\nvariable \"n\" { default = 1 }",
         NULL,                                                                                                                          NULL,           NULL,          NULL,        "n1.x" },
        { PROFILE("local.h") "locals { h = local.h }",                                                                   NULL,          NULL,           NULL,          NULL,        ""     },
        { PROFILE("local.h") "locals { h = \"${local.h}${local.h}\" }",                                                  NULL,          NULL,           NULL,          NULL,
         ""                                                                                                                                                                                },
        { PROFILE("\"$${x}\""),                                                                                          NULL,          NULL,           NULL,          NULL,        ""     },
        { PROFILE("var.db_password") "variable \"db_password\" { default = \"" MARKER "\" }",
         NULL,                                                                                                                          NULL,           NULL,          NULL,        ""     },
        { PROFILE("google_sql_database_instance.x.private_ip_address"),                                                  NULL,          NULL,           NULL,          NULL,
         ""                                                                                                                                                                                },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        json_t *found;
        char *dump;

        drop_files();
        put_file("a.tf", rows[i].a);
        put_file("terraform.tfvars", rows[i].own ? rows[i].own : "");
        put_file("x.auto.tfvars", rows[i].automatic ? rows[i].automatic : "");
        put_file("dev.tfvars", rows[i].dev ? rows[i].dev : "");
        put_file("prod.tfvars", rows[i].prod ? rows[i].prod : "");
        found = hg_terraform_read(folder, &err);
        assert_non_null(found);
        dump = json_dumps(found, 0);
        assert_null(strstr(dump, MARKER));
        free(dump);
        if (strcmp(host_of(found), rows[i].host) != 0) {
            fail_msg("row %zu: `%s`, wanted `%s`", i, host_of(found), rows[i].host);
        }
        json_decref(found);
    }
}

static void folders(void **state)
{
    struct hg_error err = { 0 };
    json_auto_t *found = NULL;
    json_t *notes;

    (void)state;
    drop_files();
    assert_null(hg_terraform_read("/nowhere-at-all", &err));
    assert_string_equal(err.text, "/nowhere-at-all: No such file or directory");
    err = (struct hg_error){ 0 };
    assert_null(hg_terraform_read(folder, &err));
    assert_non_null(strstr(err.text, "there is no *.tf in it"));
    put_file("a.tf", "a = \"" MARKER);
    put_file(
        "b.tf",
        PROFILE(
            "\"h\"") "resource \"google_datastream_private_connection\" \"m\" { vpc_peering_config { subnet = \"10.1.0.0/29\" } }\n"
                     "resource \"google_secret_manager_secret\" \"s\" { secret_id = \"s-mysql\" }\n"
                     "data \"google_secret_manager_secret_version\" \"d\" { secret = google_secret_manager_secret.s.secret_id }\n"
                     "data \"google_secret_manager_secret_version\" \"e\" { secret = each.value }\n"
                     "variable \"project_id\" { default = \"p-1\" }");
    found = hg_terraform_read(folder, &err);
    assert_non_null(found);
    assert_string_equal(host_of(found), "h");
    notes = json_object_get(found, "notes");
    assert_int_equal(json_array_size(notes), 2);
    assert_string_equal(json_string_value(json_array_get(notes, 0)),
                        "a.tf:1: a string is not closed; the file is left out");
    assert_string_equal(json_string_value(json_array_get(json_object_get(found, "ranges"), 0)),
                        "10.1.0.0/29");
    assert_string_equal(json_string_value(json_object_get(found, "project")), "p-1");
    assert_int_equal(json_array_size(json_object_get(found, "secrets")), 1);
    drop_files();
}

/* References to references, many in each: an end is put to it. */
static void many_references(void **state)
{
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
    struct hg_error err = { 0 };
    json_t *found;

    (void)state;
    hg_buf_puts(&text, PROFILE("local.a"));
    hg_buf_puts(&text, "locals {\n");
    for (char c = 'a'; c < 'h'; c++) {
        hg_buf_printf(&text, "%c = \"", c);
        for (int i = 0; i < 1000; i++) {
            hg_buf_printf(&text, "${local.%c}", c + 1);
        }
        hg_buf_puts(&text, "\"\n");
    }
    hg_buf_puts(&text, "h = \"\"\n}\n");
    put_file("a.tf", hg_buf_text(&text));
    found = hg_terraform_read(folder, &err);
    assert_non_null(found);
    json_decref(found);
    drop_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(blocks_nest),
        cmocka_unit_test(passwords_are_not_kept),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(bombs),
        cmocka_unit_test(variables),
        cmocka_unit_test(folders),
        cmocka_unit_test(many_references),
    };
    int failed;

    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
