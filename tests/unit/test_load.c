/* SPDX-License-Identifier: Apache-2.0 */
/* test_load.c - documents with positions, a check, and plans with variables and profiles. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/load.h"
#include "unit/unit.h"

static char folder[] = "/tmp/headgate-load-XXXXXX";

static struct hg_doc *parse(const char *text, struct hg_error *err)
{
    return hg_doc_parse("f.yaml", text, strlen(text), err);
}

static void assert_at(const struct hg_doc *doc, const char *pointer, int line, int column)
{
    const json_t *at = json_object_get(doc->positions, pointer);

    assert_non_null(at);
    assert_int_equal(json_integer_value(json_array_get(at, 0)), line);
    assert_int_equal(json_integer_value(json_array_get(at, 1)), column);
}

static void values_have_positions(void **state)
{
    struct hg_error err = { 0 };
    struct hg_doc *doc = parse("# first\na: 1\nb:\n  - x\n  - {c/d: [y, z]}\n", &err);

    (void)state;
    assert_non_null(doc);
    assert_at(doc, "#/a", 2, 1);
    assert_at(doc, "/a", 2, 4);
    assert_at(doc, "/b/0", 4, 5);
    assert_at(doc, "#/b/1/c~1d", 5, 6);
    assert_at(doc, "/b/1/c~1d/1", 5, 15);
    assert_false(hg_doc_fail(doc, "/b/0", &err, "what is %s", "x"));
    assert_string_equal(err.text, "f.yaml:4:5: what is x");
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 5);
    hg_doc_free(doc);
}

static void scalars_are_what_they_look_like(void **state)
{
    static const struct {
        const char *text;
        json_type type;
    } rows[] = {
        { "true",                 JSON_TRUE    },
        { "false",                JSON_FALSE   },
        { "null",                 JSON_NULL    },
        { "~",                    JSON_NULL    },
        { "",                     JSON_NULL    },
        { "12",                   JSON_INTEGER },
        { "-12",                  JSON_INTEGER },
        { "1.5",                  JSON_REAL    },
        { "1e3",                  JSON_REAL    },
        /* no surprises: words, versions, dates, durations and what is too large stay texts */
        { "off",                  JSON_STRING  },
        { "yes",                  JSON_STRING  },
        { "NO",                   JSON_STRING  },
        { "True",                 JSON_STRING  },
        { "\"5\"",                JSON_STRING  },
        { "'true'",               JSON_STRING  },
        { "8.0.36",               JSON_STRING  },
        { "0x10",                 JSON_STRING  },
        { "7d",                   JSON_STRING  },
        { "2027-01-31",           JSON_STRING  },
        { "+",                    JSON_STRING  },
        { "1e999",                JSON_STRING  },
        { "12345678901234567890", JSON_STRING  },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_doc *doc;
        char text[100];

        snprintf(text, sizeof(text), "{v: %s}", rows[i].text);
        doc = parse(text, &err);
        if (doc == NULL || json_typeof(json_object_get(doc->root, "v")) != rows[i].type) {
            print_error("%s: %s\n", text, err.text);
        }
        assert_non_null(doc);
        assert_int_equal(json_typeof(json_object_get(doc->root, "v")), rows[i].type);
        hg_doc_free(doc);
    }
}

static void refuses(void **state)
{
    static const char *const rows[][2] = {
        { "",                  "f.yaml:1:1: the file is empty"                             },
        { "a: 1\na: 2\n",      "f.yaml:2:1: `a` stands here twice; the first is on line 1" },
        { "a: &x 1\n",         "f.yaml:1:4: anchors"                                       },
        { "a: *x\n",           "f.yaml:1:4: aliases"                                       },
        { "a: !t 1\n",         "f.yaml:1:4: tags"                                          },
        { "[a]: 1\n",          "f.yaml:1:1: a key must be a word"                          },
        { "a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document"                             },
        { "a: [1\n",           "f.yaml:2:1: not well-formed"                               },
        { "a: \"x\\0y\"\n",    "f.yaml:1:4: a text with a NUL"                             },
        { "\"a\\0b\": 1\n",    "f.yaml:1:1: a key with a NUL"                              },
        { "a: \xc3\xa9\xff\n", "f.yaml:1:5: not text in UTF-8"                             },
        { "a: 1\nb: \x01\n",   "f.yaml:2:4: not well-formed: control characters"           },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_doc *doc = parse(rows[i][0], &err);

        if (strncmp(err.text, rows[i][1], strlen(rows[i][1])) != 0) {
            print_error("%s: %s\n", rows[i][1], err.text);
        }
        assert_null(doc);
        assert_memory_equal(err.text, rows[i][1], strlen(rows[i][1]));
    }
}

static struct hg_doc *nested(int depth, struct hg_error *err)
{
    char text[200] = "";

    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    return parse(text, err);
}

/* JSON's two escapes for one character; in YAML a backslash may stand for itself. */
static void surrogates(void **state)
{
    static const char *const rows[][2] = {
        { "{\"v\": \"a\\ud83d\\ude00b\"}",   "a\xf0\x9f\x98\x80"
                                           "b" },
        { "{\"v\": \"\\uDBFF\\uDFFF\"}",     "\xf4\x8f\xbf\xbf"                          },
        { "{\"v\": \"\\\\ud83d\\\\ude00\"}", "\\ud83d\\ude00"                            },
        { "{\"v\": \"\\u00e9\"}",            "\xc3\xa9"                                  },
        { "{v: '\\ud83d\\ude00'}",           "\\ud83d\\ude00"                            },
        { "{\"v\": \"\\ud83d\"}",            NULL                                        },
        { "{\"v\": \"\\ude00\\ud83d\"}",     NULL                                        },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_doc *doc = parse(rows[i][0], &err);

        if (rows[i][1] == NULL) {
            assert_null(doc);
            assert_non_null(strstr(err.text, "f.yaml:1:10: not well-formed: "));
        } else {
            assert_non_null(doc);
            assert_string_equal(json_string_value(json_object_get(doc->root, "v")), rows[i][1]);
        }
        hg_doc_free(doc);
    }
}

/* Each position holds its pointer: half a megabyte of key above 250,000 values must not. */
static void long_keys_are_bounded(void **state)
{
    static char text[1 << 20];
    struct hg_error err = { 0 };
    struct hg_doc *doc;
    size_t n = 0;

    (void)state;
    n += (size_t)snprintf(text, sizeof(text), "? ");
    memset(text + n, 'k', 500000);
    n += 500000;
    n += (size_t)snprintf(text + n, sizeof(text) - n, "\n: [");
    while (n < sizeof(text) - 4) {
        text[n++] = '1';
        text[n++] = ',';
    }
    text[n++] = ']';
    doc = hg_doc_parse("f.yaml", text, n, &err);
    assert_null(doc);
    assert_string_equal(err.text, "f.yaml:2:3: the keys down to here are too long");
}

/* What is missing has no position: the nearest value above it has. */
static void errors_have_the_nearest_place(void **state)
{
    struct hg_doc *doc;
    struct hg_error err = { 0 };

    (void)state;
    doc = parse("a: 1\nb:\n  c: { d: 1 }\n", &err);
    assert_non_null(doc);
    assert_false(hg_doc_fail(doc, "/b/c/x/y", &err, "w"));
    assert_string_equal(err.text, "f.yaml:3:6: w");
    err = (struct hg_error){ 0 };
    assert_false(hg_doc_fail(doc, "#/z", &err, "w"));
    assert_string_equal(err.text, "f.yaml:1:1: w");
    hg_doc_free(doc);
}

static void nests_32_deep(void **state)
{
    struct hg_error err = { 0 };
    struct hg_doc *doc = nested(32, &err);

    (void)state;
    assert_non_null(doc);
    hg_doc_free(doc);
    assert_null(nested(33, &err));
    assert_string_equal(err.text, "f.yaml:1:33: nested deeper than 32 levels");
}

static void write_file(const char *name, const char *text)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof(path), "%.100s/%.3900s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *lookup(void *data, const char *name)
{
    (void)data;
    return strcmp(name, "HOME") == 0    ? "/home/x"
           : strcmp(name, "EMPTY") == 0 ? ""
           : strcmp(name, "ODD") == 0   ? "${HOME}"
                                        : NULL;
}

static struct hg_plan *plan_with(const char *targets, const char *const *profiles,
                                 struct hg_error *err)
{
    char path[PATH_MAX], dir[PATH_MAX], text[1000];
    const struct hg_plan_context context = { .profiles_dir = dir,
                                             .extra_profiles = profiles,
                                             .lookup = lookup };

    snprintf(dir, sizeof(dir), "%s/profiles", folder);
    snprintf(path, sizeof(path), "%s/plan.yaml", folder);
    snprintf(text, sizeof(text), "headgate: 1\nname: n\n%s", targets);
    write_file("plan.yaml", text);
    return hg_plan_load(path, &context, err);
}

static const char one_target[] =
    "targets: { t: { engine: mysql, secret: { file: s.json }, params: { c.c: 3 } } }\n";

static const char *param(const struct hg_plan *plan, const char *name)
{
    return json_string_value(json_object_get(plan->targets[0].params, name));
}

static void variables(void **state)
{
    static const char *const rows[][2] = {
        { "${HOME}",          "/home/x"          },
        { "a${HOME}b${HOME}", "a/home/xb/home/x" },
        { "${NONE:-d}",       "d"                },
        { "${NONE:-}",        ""                 },
        { "${EMPTY:-d}",      "d"                },
        { "${EMPTY}",         ""                 },
        { "$${HOME}",         "${HOME}"          },
        { "$HOME $",          "$HOME $"          },
        { "${ODD}",           "${HOME}"          }, /* what comes in is not expanded again */
        { "${NONE}",          NULL               },
        { "${HOME",           NULL               },
        { "${HOME:d}",        NULL               },
        { "${}",              NULL               },
        { "${1A}",            NULL               },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        static const char *const none[] = { "one", NULL };
        char text[300];
        struct hg_error err = { 0 };
        struct hg_plan *plan;

        snprintf(text, sizeof(text), "params: { v.v: \"%s\" }\n%s", rows[i][0], one_target);
        plan = plan_with(text, none, &err);
        if (rows[i][1] == NULL) {
            assert_null(plan);
            assert_non_null(strstr(err.text, "plan.yaml:3:16: "));
        } else {
            assert_non_null(plan);
            assert_string_equal(param(plan, "v.v"), rows[i][1]);
        }
        hg_plan_free(plan);
    }
}

static void parameters_have_an_order(void **state)
{
    static const char *const both[] = { "one", "two", NULL }, *const back[] = { "two", "one",
                                                                                NULL };
    struct hg_error err = { 0 };
    struct hg_plan *plan = plan_with(
        "params: { b.b: plan, c.c: plan }\ntargets:\n  t:\n    engine: "
        "mysql\n    secret: { env: X }\n    params: { c.c: target }\n",
        both, &err);
    struct hg_plan *other = plan_with(one_target, back, &err);
    struct hg_plan *own = plan_with(
        "profile: two\ntargets: { t: { engine: e, secret: { env: X } } }\n", NULL, &err);

    (void)state;
    assert_non_null(plan);
    assert_string_equal(param(plan, "a.a"), "one");
    assert_string_equal(param(plan, "b.b"), "plan");
    assert_string_equal(param(plan, "c.c"), "target");
    assert_string_equal(param(plan, "d.d"), "two");
    assert_non_null(other);
    assert_string_equal(param(other, "a.a"), "two");
    assert_non_null(own);
    assert_string_equal(param(own, "a.a"), "two");
    hg_plan_free(own);
    hg_plan_free(other);
    hg_plan_free(plan);
}

static void profiles_that_make_no_sense(void **state)
{
    static const char *const rows[][3] = {
        { "three",  NULL,
         "--profile: there is no profile `three`; there are list, odd, one, two"        },
        { "../one", NULL, "no profile `../one`"                                         },
        { "list",   NULL, "list.yaml:1:9: "                                             },
        { "odd",    NULL, "odd.yaml:1:7: `even` must equal the name of its file: `odd`" },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };

        assert_null(plan_with(one_target, rows[i], &err));
        if (strstr(err.text, rows[i][2]) == NULL) {
            print_error("%s: `%s`\n", rows[i][0], err.text);
        }
        assert_non_null(strstr(err.text, rows[i][2]));
    }
}

static void paths_are_the_plans(void **state)
{
    static const char *const one[] = { "one", NULL };
    struct hg_error err = { 0 };
    char expected[PATH_MAX], dir[PATH_MAX];
    struct hg_plan *plan = plan_with(
        "targets: { t: { engine: e, secret: { file: s/s.json }, tls: { "
        "ca: ca.pem, name: n, key: /k } } }\n",
        one, &err);
    const struct hg_target *target;

    (void)state;
    assert_non_null(plan);
    target = &plan->targets[0];
    assert_non_null(realpath(folder, dir));
    snprintf(expected, sizeof(expected), "%.4000s/s/s.json", dir);
    assert_string_equal(target->secret.name, expected);
    snprintf(expected, sizeof(expected), "%.4000s/ca.pem", dir);
    assert_string_equal(json_string_value(json_object_get(target->tls, "ca")), expected);
    assert_string_equal(json_string_value(json_object_get(target->tls, "name")), "n");
    assert_string_equal(json_string_value(json_object_get(target->tls, "key")), "/k");
    hg_plan_free(plan);
}

static void digests(void **state)
{
    static const char *const one[] = { "one", NULL };
    struct hg_error err = { 0 };
    struct hg_plan *a = plan_with(one_target, one, &err), *b = plan_with(one_target, one, &err);
    struct hg_plan *c = plan_with(
        "params: {v.v: \"${HOME}\"}\ntargets: { t: { engine: mysql, secret: "
        "{ file: s.json }, params: { c.c: 4 } } }\n",
        one, &err);

    (void)state;
    assert_int_equal(strlen(a->digest), 64);
    assert_int_equal(strspn(a->digest, "0123456789abcdef"), 64);
    assert_string_equal(a->digest, b->digest);
    assert_string_not_equal(a->digest, c->digest);
    hg_plan_free(c);
    hg_plan_free(b);
    hg_plan_free(a);
}

static void a_real_check(void **state)
{
    char path[PATH_MAX];
    struct hg_check check = { 0 }, wrong = { 0 };
    struct hg_error err = { 0 };

    (void)state;
    snprintf(path, sizeof(path), "%s/checks/mysql/binlog/format.yaml", getenv("HEADGATE_ROOT"));
    assert_true(hg_check_load(path, "mysql.binlog.format", &check, &err));
    assert_string_equal(check.id, "mysql.binlog.format");
    assert_string_equal(check.engine, "mysql");
    assert_int_equal(check.severity, HG_BLOCKER);
    assert_int_equal(check.level, HG_LEVEL_LOOK);
    assert_int_equal(json_array_size(check.needs), 1);
    assert_true(json_array_size(check.examples) >= 3);
    assert_string_equal(check.path, path);
    assert_false(hg_check_load(path, "mysql.binlog.other", &wrong, &err));
    assert_non_null(strstr(err.text, "format.yaml:1:"));
    free(check.path);
    json_decref(check.doc);
}

/* A folder "checks" of checks m.NAME, each with its needs; the files are removed again. */
static void load_folder(const char *const (*rows)[3], size_t n, struct hg_error *err,
                        size_t *ret_n)
{
    char path[PATH_MAX], text[1000];
    struct hg_checks *checks;

    snprintf(path, sizeof(path), "%s/checks", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/checks/m", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof(text),
                 "id: %s\nneeds: [%s]\ntitle: t\nseverity: info\napplies: { engine: m }\n"
                 "expect: { m.a: { equals: 1 } }\nwhy: w\nrefs: [r]\nexamples:\n"
                 "  - { name: a, facts: { m.a: 1 }, verdict: pass }\n"
                 "  - { name: b, facts: { m.a: 2 }, verdict: fail }\n"
                 "  - { name: c, unknown: { m.a: denied }, verdict: unknown }\n",
                 rows[i][1], rows[i][2]);
        snprintf(path, sizeof(path), "checks/%s.yaml", rows[i][0]);
        write_file(path, text);
    }
    snprintf(path, sizeof(path), "%s/checks", folder);
    checks = hg_checks_load(path, err);
    *ret_n = checks ? checks->n : 0;
    for (size_t i = 1; i < *ret_n; i++) {
        assert_true(strcmp(checks->items[i - 1].id, checks->items[i].id) < 0);
    }
    hg_checks_free(checks);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/checks/%s.yaml", folder, rows[i][0]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/checks/m", folder);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/checks", folder);
    rmdir(path);
}

static void needs_of_a_folder(void **state)
{
    static const struct {
        const char *rows[3][3];
        const char *error;
    } cases[] = {
        { { { "m/a", "m.a", "m.b, m.c" }, { "m/b", "m.b", "m.c" }, { "m/c", "m.c", "" } },
         NULL                                                              },
        { { { "m/a", "m.a", "m.b" }, { "m/b", "m.b", "m.c" }, { "m/c", "m.c", "m.b" } },
         "/m/b.yaml:2:8: this check needs itself: m.b needs m.c needs m.b" },
        { { { "m/a", "m.a", "m.a" }, { "m/b", "m.b", "" }, { "m/c", "m.c", "" } },
         "/m/a.yaml:2:8: this check needs itself: m.a needs m.a"           },
        { { { "m/a", "m.a", "m.b, m.d" }, { "m/b", "m.b", "" }, { "m/c", "m.c", "" } },
         "/m/a.yaml:2:14: there is no check `m.d`; this one needs it"      },
        { { { "m/a", "m.a", "" }, { "m.a", "m.a", "" }, { "m/c", "m.c", "" } },
         "/m/a.yaml:1:5: `m.a` is also the id of "                         },
        { { { "m/a", "m.a", "" }, { "m/b", "m.x", "" }, { "m/c", "m.y", "" } },
         "/m/b.yaml:1:5: `m.x` must equal its path: `m.b`"                 },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(cases); i++) {
        struct hg_error err = { 0 };
        size_t n;

        load_folder(cases[i].rows, 3, &err, &n);
        if (cases[i].error == NULL) {
            assert_string_equal(err.text, "");
            assert_int_equal(n, 3);
        } else if (strstr(err.text, cases[i].error) == NULL) {
            print_error("%s\n", err.text);
            fail();
        }
    }
}

/* 30 layers of two, each needing both below: 2^30 ways down, which must not be walked. A chain
 * of 60 is no circle. */
static void needs_of_many(void **state)
{
    static char words[60][3][64];
    const char *rows[60][3];
    struct hg_error err = { 0 };
    size_t n;

    (void)state;
    for (size_t i = 0; i < 60; i++) {
        size_t below = (i / 2 + 1) * 2;

        snprintf(words[i][0], sizeof(words[i][0]), "m/n%zu", i);
        snprintf(words[i][1], sizeof(words[i][1]), "m.n%zu", i);
        words[i][2][0] = '\0';
        if (below < 60) {
            snprintf(words[i][2], sizeof(words[i][2]), "m.n%zu, m.n%zu", below, below + 1);
        }
        for (size_t k = 0; k < 3; k++) {
            rows[i][k] = words[i][k];
        }
    }
    load_folder((const char *const(*)[3])rows, 60, &err, &n);
    assert_string_equal(err.text, "");
    assert_int_equal(n, 60);
    for (size_t i = 0; i < 59; i++) {
        snprintf(words[i][2], sizeof(words[i][2]), "m.n%zu", i + 1);
    }
    load_folder((const char *const(*)[3])rows, 60, &err, &n);
    assert_string_equal(err.text, "");
    assert_int_equal(n, 60);
}

static int set_up(void **state)
{
    char path[PATH_MAX];

    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/profiles", folder);
    if (mkdir(path, 0700) != 0) {
        return -1;
    }
    write_file("profiles/one.yaml",
               "params:\n  a.a: {value: one, source: s}\n  b.b: {value: one, source: s}\n"
               "  c.c: {value: one, source: s}\n  v.v: {value: one, source: s}\n");
    write_file("profiles/two.yaml",
               "params:\n  a.a: {value: two, source: s}\n  b.b: {value: two, source: s}\n"
               "  c.c: {value: two, source: s}\n  d.d: {value: two, source: s}\n");
    write_file("profiles/odd.yaml", "name: even\n");
    write_file("profiles/list.yaml", "params: [a]\n");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "profiles/one.yaml", "profiles/two.yaml",
                                         "profiles/list.yaml", "profiles/odd.yaml",
                                         "plan.yaml" };
    char path[PATH_MAX];

    (void)state;
    for (size_t i = 0; i < HG_COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/profiles", folder);
    rmdir(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_positions),
        cmocka_unit_test(scalars_are_what_they_look_like),
        cmocka_unit_test(refuses),
        cmocka_unit_test(surrogates),
        cmocka_unit_test(long_keys_are_bounded),
        cmocka_unit_test(errors_have_the_nearest_place),
        cmocka_unit_test(nests_32_deep),
        cmocka_unit_test(variables),
        cmocka_unit_test(parameters_have_an_order),
        cmocka_unit_test(profiles_that_make_no_sense),
        cmocka_unit_test(paths_are_the_plans),
        cmocka_unit_test(digests),
        cmocka_unit_test(a_real_check),
        cmocka_unit_test(needs_of_a_folder),
        cmocka_unit_test(needs_of_many),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
