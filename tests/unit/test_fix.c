/* SPDX-License-Identifier: Apache-2.0 */
/* Fixes: which variant, which steps in which order, what is to be filled in; and what fixes of
 * a folder say they come after. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/load.h"
#include "rules/rule.h"
#include "unit.h"

/* Single quotes for double ones. */
static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    json_t *value;

    for (char *p = copy; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    value = json_loads(copy, JSON_DECODE_ANY, NULL);
    free(copy);
    assert_non_null(value);
    return value;
}

static void put(struct hg_facts *facts, const char *key, const char *text)
{
    json_t *value = parse(text);
    struct hg_fact fact = { .key = key, .state = HG_FACT_KNOWN, .value = value };

    assert_true(hg_facts_put(facts, &fact, NULL));
    json_decref(value);
}

/* The steps of a fix, one a line: "sql: text [incomplete] [afterwards]". */
static void say_steps(struct hg_buf *out, const json_t *fix)
{
    size_t i;
    json_t *step;

    json_array_foreach (json_object_get(fix, "steps"), i, step) {
        hg_buf_printf(out, "%s: %s%s%s\n", json_string_value(json_object_get(step, "language")),
                      json_string_value(json_object_get(step, "text")),
                      json_is_true(json_object_get(step, "incomplete")) ? " [incomplete]" : "",
                      json_is_true(json_object_get(step, "afterwards")) ? " [afterwards]" : "");
    }
}

static void assert_steps(const char *engine, const char *fix_text, const char *offenders_text,
                         const char *wanted)
{
    json_t *fix = parse(fix_text), *offenders = parse(offenders_text);
    json_t *params = parse("{'wide':true}"), *ret;
    struct hg_facts *facts = hg_facts_new("t");
    struct hg_check check = { .id = "x.y", .engine = engine, .fix = fix };
    struct hg_case c = { &check, facts, params, NULL, HG_LEVEL_LOOK };
    struct hg_buf steps = { 0 };

    put(facts, "mysql.server", "{'flavour':'mysql','version':'8.4.1','provider':'self'}");
    put(facts, "postgres.some",
        "{'complete':true,'items':[{'schema':'s','name':'a'},{'schema':'S','name':'b','kind':"
        "'partition'},{'schema':'s','name':'c','persistence':'unlogged'},{'schema':'S','name':"
        "'d'}]}");
    put(facts, "postgres.cut", "{'complete':false,'items':[{'schema':'s','name':'a'}]}");
    ret = hg_fix_render(&c, fix, offenders);
    say_steps(&steps, ret);
    assert_string_equal(hg_buf_text(&steps), wanted);
    hg_buf_done(&steps);
    json_decref(ret);
    json_decref(fix);
    json_decref(offenders);
    json_decref(params);
    hg_facts_free(facts);
}

static void steps(void **state)
{
    static const char *const rows[][4] = {
        /* what is set online is written down afterwards */
        { "mysql",    "{'effect':'online','variants':[{'file':'a=1','sql':'SET a;'}]}",   "[]",
         "sql: SET a;\nfile: a=1\n"                                                                                                                                                              },
        /* a file is written before it is read */
        { "mysql",    "{'effect':'reload','variants':[{'file':'a=1','sql':'FLUSH a;'}]}", "[]",
         "file: a=1\nsql: FLUSH a;\n"                                                                                                                                                            },
        { "mongodb",
         "{'effect':'restart','variants':[{'file':'a','then':{'js':['x()','y()']}}]}",    "[]",
         "file: a\njs: x() [afterwards]\njs: y() [afterwards]\n"                                                                                                                                 },
        /* a list, each for each offender; what is not known, and what nobody can know */
        { "mysql",
         "{'effect':'online','variants':[{'sql':['A {ident:offender/n};','B;','C "
          "{ident:mysql.none/x} <y z>;','D 1 < 2 and 3 > 2 <> 5;']}]}",                   "[{'n':'p'},{'n':'`q'}]",
         "sql: A `p`;\nA ```q`;\nsql: B;\nsql: C <x> <y z>; [incomplete]\nsql: D 1 < 2 and 3 > "
          "2 <> 5;\n"                                                                                                                                                                            },
        /* the first that fits the server and the facts */
        { "mysql",
         "{'effect':'online','variants':[{'when':{'version':'< 8'},'sql':'A;'},{'when':{"
          "'facts':{'param/wide':{'equals':false}}},'sql':'B;'},{'when':{'version':'>= 8',"
          "'facts':{'param/wide':{'equals':true}}},'sql':'C;'},{'sql':'D;'}]}",           "[]",                     "sql: C;\n"                                                                  },
        { "mysql",
         "{'effect':'online','variants':[{'when':{'facts':{'mysql.unasked':{'equals':1}}},"
          "'sql':'A;'},{'sql':'B;'}]}",                                                   "[]",                     "sql: B;\n"                                                                  },
        { "postgres",
         "{'effect':'online','variants':[{'sql':['P {tables:postgres.some};','Q "
          "{tables:postgres.cut};']}]}",                                                  "[]",                     "sql: P \"s\".\"a\", \"S\".\"d\";\nsql: Q <tables in scope>; [incomplete]\n" },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        assert_steps(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
    }
}

static void one_text_of_all(void **state)
{
    json_t *fix = parse("{'effect':'reload','file':'pg_hba.conf','who':'dba','text':'t',"
                        "'after':['x.*'],'variants':[{'file':'a\\nb','sql':'R;','then':{"
                        "'sql':'S <x>;'}}]}");
    struct hg_facts *facts = hg_facts_new("t");
    struct hg_check check = { .id = "x.y", .engine = "postgres", .fix = fix };
    struct hg_case c = { &check, facts, NULL, NULL, HG_LEVEL_LOOK };
    json_t *ret = hg_fix_render(&c, fix, NULL);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(ret, "statement")),
                        "-- in pg_hba.conf:\n--   a\n--   b\nR;\n-- then:\nS <x>;");
    assert_string_equal(json_string_value(json_object_get(ret, "language")), "sql");
    assert_true(json_is_true(json_object_get(ret, "incomplete")));
    assert_int_equal(json_array_size(json_object_get(ret, "after")), 1);
    json_decref(ret);
    json_decref(fix);
    hg_facts_free(facts);
}

/* ---- a folder ---- */

static void write_check(const char *folder, const char *name, const char *engine,
                        const char *effect, const char *after)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof(path), "%s/m/%s.yaml", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "id: m.%s\ntitle: t\nseverity: info\napplies: { engine: %s }\nexpect: { m.a: { "
            "equals: 1 } }\nwhy: w\nrefs: [r]\nfix:\n  effect: %s\n  who: dba\n  text: t\n"
            "  after: [%s]\nexamples:\n  - { name: a, facts: { m.a: 1 }, verdict: pass }\n"
            "  - { name: b, facts: { m.a: 2 }, verdict: fail }\n"
            "  - { name: c, unknown: { m.a: denied }, verdict: unknown }\n",
            name, engine, effect, after);
    fclose(file);
}

struct row {
    const char *engine, *effect, *after;
};

static void load_three(const struct row rows[3], struct hg_error *err)
{
    static const char *const names[] = { "a", "b", "c" };
    char folder[] = "/tmp/headgate-fix-XXXXXX", path[200];

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/m", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int i = 0; i < 3; i++) {
        write_check(folder, names[i], rows[i].engine, rows[i].effect, rows[i].after);
    }
    hg_checks_free(hg_checks_load(folder, err));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/m/%s.yaml", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/m", folder);
    rmdir(path);
    rmdir(folder);
}

static void order_of_fixes(void **state)
{
    static const struct {
        struct row rows[3];
        const char *error;
    } cases[] = {
        { { { "m", "online", "m.*" }, { "m", "restart", "" }, { "m", "online", "m.b" } },
         NULL                                                                                  },
        { { { "m", "online", "m.c" }, { "m", "online", "m.a" }, { "m", "online", "m.b" } },
         "a.yaml:12:10: this fix comes after itself: m.a after m.c after m.b after m.a"        },
        { { { "m", "online", "m.*" }, { "m", "online", "m.*" }, { "m", "online", "" } },
         "a.yaml:12:10: this fix comes after itself: m.a after m.b after m.a"                  },
        { { { "m", "online", "" }, { "m", "reload", "m.a" }, { "m", "online", "" } },
         "b.yaml:12:11: `m.a` is mended later than this: what works online comes after reload" },
        { { { "m", "online", "m.x" }, { "m", "online", "" }, { "m", "online", "" } },
         "a.yaml:12:11: `m.x` is the fix of no other check of this engine"                     },
        { { { "m", "online", "m.a" }, { "m", "online", "" }, { "m", "online", "" } },
         "`m.a` is the fix of no other check of this engine"                                   },
        { { { "m", "online", "m.b" }, { "n", "online", "" }, { "m", "online", "" } },
         "`m.b` is the fix of no other check of this engine"                                   },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(cases); i++) {
        struct hg_error err = { 0 };

        load_three(cases[i].rows, &err);
        if (cases[i].error == NULL) {
            assert_string_equal(err.text, "");
        } else if (strstr(err.text, cases[i].error) == NULL) {
            print_error("%s\n  wanted %s\n", err.text, cases[i].error);
            fail();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps),
        cmocka_unit_test(one_text_of_all),
        cmocka_unit_test(order_of_fixes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
