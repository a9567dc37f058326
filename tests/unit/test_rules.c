/* SPDX-License-Identifier: Apache-2.0 */
/* test_rules.c - expectations in three-valued logic, one row each. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "rules/rule.h"
#include "unit/unit.h"

/* Facts in every state; k is known. */
static struct hg_facts *some_facts(void)
{
    static const char *const lines[] = {
        "{'key':'k.v','state':'known','value':{'n':5,'s':'ROW','on':'ON','big':'604800','none':null,"
        "'list':['a','b']}}",
        "{'key':'k.all','state':'known','value':{'items':[{'name':'a','ok':true},{'name':'b','ok':"
        "false}],'complete':true}}",
        "{'key':'k.part','state':'known','value':{'items':[{'name':'a','ok':true}],'complete':false}}",
        "{'key':'k.empty','state':'known','value':{'items':[],'complete':true}}",
        "{'key':'k.denied','state':'denied','reason':'no','needs':'SELECT on x'}",
        "{'key':'k.gone','state':'unreachable','reason':'dead'}",
        "{'key':'k.absent','state':'absent','reason':'none'}",
        "{'key':'k.old','state':'unsupported','reason':'too old'}",
        "{'key':'e.server','state':'known','value':{'flavour':'mysql','version':'8.0.36','provider':"
        "'self'}}",
    };
    struct hg_facts *facts = hg_facts_new("t");

    for (size_t i = 0; i < HG_COUNT(lines); i++) {
        char text[512];
        json_t *line;

        snprintf(text, sizeof(text), "%s", lines[i]);
        for (char *p = text; *p != '\0'; p++) {
            *p = *p == '\'' ? '"' : *p;
        }
        line = json_loads(text, 0, NULL);
        assert_non_null(line);
        assert_true(hg_facts_put_line(facts, line, NULL));
        json_decref(line);
    }
    return facts;
}

static json_t *from(const char *single_quoted)
{
    char text[1024];
    json_t *value;

    snprintf(text, sizeof(text), "%s", single_quoted);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

/* The facts above, with what a check names as saying nothing. */
static json_t *judged_from(const char *run, const char *undecided)
{
    struct hg_facts *facts = some_facts();
    json_t *e = from("{'k.v/s':{'equals':'OTHER'}}"), *u = from(undecided);
    json_t *a = from("{'engine':'e'}"), *r = run ? from(run) : NULL;
    struct hg_check check = { .id = "e.x",
                              .title = "It holds",
                              .engine = "e",
                              .expect = e,
                              .undecided = u,
                              .applies = a,
                              .why = "because" };
    struct hg_case c = { &check, facts, NULL, NULL, HG_LEVEL_LOOK, r };
    json_t *finding = hg_judge(&c);

    assert_non_null(finding);
    json_decref(e);
    json_decref(u);
    json_decref(a);
    json_decref(r);
    hg_facts_free(facts);
    return finding;
}

static void what_says_nothing(void **state)
{
    static const char *const list =
        "[{'when':{'run/vantage':{'equals':'outside'},'k.v/s':{'equals':'ROW'}},"
        "'says':'{text:k.v/s} from {text:run/where}','fix':{'text':'Go in.','effect':'online',"
        "'who':'platform','variants':[{'shell':'{text:run/collect} {text:run/range}'}]}},"
        "{'when':{'run/vantage':{'equals':'unstated'},'k.v/list':{'some':{'like':'*'}}},"
        "'says':'{count}: {offenders}'},"
        "{'when':{'run/vantage':{'equals':'tunnel'},'k.none/x':{'equals':1}},'says':'never'}]";
    static const char *const rows[][3] = {
        { "{'vantage':'outside','where':'afar','collect':'line'}", "unknown", "ROW from afar" },
        { "{'vantage':'outside'}",                                 "unknown", "ROW from "     },
        { "{'vantage':'inside'}",                                  "fail",    NULL            },
        { "{'vantage':'tunnel'}",                                  "fail",    NULL            },
        { NULL,                                                    "unknown", "2: a, b"       },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        json_t *f = judged_from(rows[i][0], list);
        const char *sentence = json_string_value(json_object_get(f, "sentence"));
        const json_t *fix = json_object_get(f, "fix");

        assert_string_equal(json_string_value(json_object_get(f, "verdict")), rows[i][1]);
        assert_true(rows[i][2] == NULL ||
                    strncmp(sentence, rows[i][2], strlen(rows[i][2])) == 0);
        assert_int_equal(fix != NULL, i < 2);
        if (i == 0) {
            assert_string_equal(json_string_value(json_object_get(fix, "statement")),
                                "line <source range, as 10.1.0.0/29>");
            assert_true(json_is_true(json_object_get(fix, "incomplete")));
        }
        assert_int_equal(json_array_size(json_object_get(f, "offenders")), i == 4 ? 2 : 0);
        json_decref(f);
    }
}

static json_t *judged(const char *expect, const char *applies, enum hg_unsupported unsupported)
{
    struct hg_facts *facts = some_facts();
    json_t *e = from(expect), *a = from(applies);
    json_t *params = from("{'limit':'7d','name':'ROW'}");
    struct hg_check check = { .id = "e.x",
                              .title = "It holds",
                              .engine = "e",
                              .expect = e,
                              .applies = a,
                              .why = "because",
                              .unsupported = unsupported };
    struct hg_case c = { &check, facts, params, NULL, HG_LEVEL_LOOK, NULL };
    json_t *finding = hg_judge(&c);

    assert_non_null(finding);
    assert_non_null(json_string_value(json_object_get(finding, "sentence")));
    json_decref(e);
    json_decref(a);
    json_decref(params);
    hg_facts_free(facts);
    return finding;
}

static void assert_verdict(const char *expect, const char *applies,
                           enum hg_unsupported unsupported, const char *verdict)
{
    json_t *finding = judged(expect, applies, unsupported);

    assert_string_equal(json_string_value(json_object_get(finding, "verdict")), verdict);
    json_decref(finding);
}

/* { expectation, verdict }, about some_facts(). */
static const char *const decisions[][2] = {
    /* values by meaning */
    { "{'k.v/s':{'equals':'row'}}",                                                   "pass"    },
    { "{'k.v/s':{'equals':'STATEMENT'}}",                                             "fail"    },
    { "{'k.v/on':{'equals':true}}",                                                   "pass"    },
    { "{'k.v/on':{'equals':'1'}}",                                                    "pass"    },
    { "{'k.v/big':{'at_least':'7d'}}",                                                "pass"    },
    { "{'k.v/big':{'at_least':{'param':'limit'}}}",                                   "pass"    },
    { "{'k.v/big':{'more_than':{'param':'limit'}}}",                                  "fail"    },
    { "{'k.v/s':{'equals':{'param':'name'}}}",                                        "pass"    },
    { "{'k.v/s':{'equals':{'param':'nobody'}}}",                                      "unknown" },
    { "{'k.v/s':{'at_least':3}}",                                                     "unknown" },
    { "{'k.v/n':{'at_least':3,'at_most':4}}",                                         "fail"    },
    { "{'k.v/list':{'contains':['a','b']}}",                                          "pass"    },
    { "{'k.v/list':{'length':{'at_least':3}}}",                                       "fail"    },
    { "{'k.v/s':{'matches':'^R.W$'}}",                                                "pass"    },
    { "{'k.v/s':{'like':['X*','R*']}}",                                               "pass"    },
    { "{'e.server/version':{'version':'>= 8.0 < 9'}}",                                "pass"    },
    { "{'e.server/version':{'version':'>= 8.4'}}",                                    "fail"    },
    /* absent is definite: every operator is false on it, only `absent` holds */
    { "{'k.v/nope':{'equals':1}}",                                                    "fail"    },
    { "{'k.v/nope':{'not_equals':1}}",                                                "fail"    },
    { "{'k.v/nope':{'absent':true}}",                                                 "pass"    },
    { "{'k.absent':{'absent':true}}",                                                 "pass"    },
    { "{'k.v/s':{'absent':true}}",                                                    "fail"    },
    { "{'k.v/nope':{'absent':false}}",                                                "fail"    },
    /* what we could not see is unknown, never a pass */
    { "{'k.denied':{'equals':1}}",                                                    "unknown" },
    { "{'k.gone/x':{'absent':true}}",                                                 "unknown" },
    { "{'k.unasked':{'absent':true}}",                                                "unknown" },
    /* Kleene: a definite fail wins, then unknown, then pass */
    { "{'k.denied':{'equals':1},'k.v/n':{'equals':6}}",                               "fail"    },
    { "{'k.denied':{'equals':1},'k.v/n':{'equals':5}}",                               "unknown" },
    { "{'any':[{'k.denied':{'equals':1}},{'k.v/n':{'equals':5}}]}",                   "pass"    },
    { "{'any':[{'k.denied':{'equals':1}},{'k.v/n':{'equals':6}}]}",                   "unknown" },
    { "{'not':{'k.denied':{'equals':1}}}",                                            "unknown" },
    { "{'not':{'k.v/n':{'equals':6}}}",                                               "pass"    },
    { "{'all':[{'k.v/n':{'equals':5}},{'not':{'k.v/n':{'equals':5}}}]}",              "fail"    },
    /* quantifiers */
    { "{'k.all':{'every':{'/ok':{'equals':true}}}}",                                  "fail"    },
    { "{'k.all':{'every':{'/ok':{'equals':true},'where':{'/name':{'equals':'a'}}}}}", "pass"    },
    { "{'k.all':{'some':{'/ok':{'equals':true}}}}",                                   "pass"    },
    { "{'k.all':{'none':{'/ok':{'equals':true}}}}",                                   "fail"    },
    { "{'k.all':{'none':{'/name':{'equals':'z'}}}}",                                  "pass"    },
    { "{'k.part':{'every':{'/ok':{'equals':true}}}}",                                 "unknown" },
    { "{'k.part':{'every':{'/ok':{'equals':false}}}}",                                "fail"    },
    { "{'k.part':{'some':{'/ok':{'equals':true}}}}",                                  "pass"    },
    { "{'k.part':{'some':{'/ok':{'equals':false}}}}",                                 "unknown" },
    { "{'k.part':{'none':{'/ok':{'equals':false}}}}",                                 "unknown" },
    { "{'k.empty':{'every':{'/ok':{'equals':true}}}}",                                "unknown" },
    { "{'k.empty':{'every':{'/ok':{'equals':true}},'empty':'pass'}}",                 "pass"    },
    { "{'k.empty':{'every':{'/ok':{'equals':true}},'empty':'fail'}}",                 "fail"    },
    { "{'k.empty':{'every':{'/ok':{'equals':true}},'empty':'skip'}}",                 "skip"    },
    { "{'k.empty':{'some':{'/ok':{'equals':true}}}}",                                 "fail"    },
    { "{'k.v/n':{'every':{'equals':1}}}",                                             "unknown" },
    { "{'k.v/list':{'every':{'one_of':['a','b']}}}",                                  "pass"    },
    { "{'k.v/gone':{'none':{'equals':1}}}",                                           "fail"    },
    /* null says nothing: what denies does not hold on it */
    { "{'k.v/none':{'not_equals':1}}",                                                "fail"    },
    { "{'k.v/none':{'none_of':[1]}}",                                                 "fail"    },
    { "{'k.v/none':{'not_like':'x'}}",                                                "fail"    },
    { "{'k.v/none':{'excludes':'x'}}",                                                "fail"    },
    { "{'k.v/none':{'length':{'at_least':1}}}",                                       "fail"    },
    { "{'k.v/none':{'equals':null}}",                                                 "pass"    },
    /* other facts and the plan's own words */
    { "{'k.v/n':{'equals':{'fact':'k.v/n'}}}",                                        "pass"    },
    { "{'k.v/n':{'equals':{'fact':'k.denied/x'}}}",                                   "unknown" },
    { "{'param/name':{'equals':'ROW'}}",                                              "pass"    },
    { "{'target/engine':{'equals':'e'}}",                                             "pass"    },
};

static void decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(decisions); i++) {
        assert_verdict(decisions[i][0], "{'engine':'e'}", HG_UNSUPPORTED_UNKNOWN,
                       decisions[i][1]);
    }
}

static void applies(void **state)
{
    static const char *const rows[][2] = {
        { "{'engine':'e','flavour':'mysql'}",                "pass"    },
        { "{'engine':'e','flavour':['mariadb','mysql']}",    "pass"    },
        { "{'engine':'e','flavour':'mariadb'}",              "skip"    },
        { "{'engine':'e','version':'>= 9'}",                 "skip"    },
        { "{'engine':'e','version':'>= 8.0.36'}",            "pass"    },
        { "{'engine':'e','when':{'k.v/n':{'equals':6}}}",    "skip"    },
        { "{'engine':'e','when':{'k.denied':{'equals':6}}}", "unknown" },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        assert_verdict("{'k.v/n':{'equals':5}}", rows[i][0], HG_UNSUPPORTED_UNKNOWN,
                       rows[i][1]);
    }
}

static void unsupported(void **state)
{
    (void)state;
    assert_verdict("{'k.old':{'equals':1}}", "{'engine':'e'}", HG_UNSUPPORTED_UNKNOWN,
                   "unknown");
    assert_verdict("{'k.old':{'equals':1}}", "{'engine':'e'}", HG_UNSUPPORTED_FAIL, "fail");
    assert_verdict("{'k.old':{'equals':1}}", "{'engine':'e'}", HG_UNSUPPORTED_SKIP, "skip");
}

static void names_offenders_and_the_way_to_look(void **state)
{
    json_t *fail = judged("{'k.all':{'every':{'/ok':{'equals':true}}}}", "{'engine':'e'}", 0);
    json_t *unknown = judged("{'k.denied':{'equals':1}}", "{'engine':'e'}", 0);
    const char *text;

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(fail, "offender_count")), 1);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(fail, "offenders"), 0)), "b");
    text = json_string_value(json_object_get(json_object_get(unknown, "fix"), "text"));
    assert_non_null(strstr(text, "SELECT on x"));
    json_decref(fail);
    json_decref(unknown);
}

static void addresses(void **state)
{
    char key[16];
    const char *pointer;

    (void)state;
    assert_true(hg_address_split("mysql.settings", key, sizeof(key), &pointer));
    assert_string_equal(key, "mysql.settings");
    assert_string_equal(pointer, "");
    assert_true(hg_address_split("a.b/c~1d", key, sizeof(key), &pointer));
    assert_string_equal(pointer, "/c~1d");
    assert_false(hg_address_split("A.b", key, sizeof(key), &pointer));
    assert_false(hg_address_split("far.too.long.for.this", key, sizeof(key), &pointer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides),     cmocka_unit_test(applies),
        cmocka_unit_test(unsupported), cmocka_unit_test(names_offenders_and_the_way_to_look),
        cmocka_unit_test(addresses),   cmocka_unit_test(what_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
