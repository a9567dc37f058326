/* SPDX-License-Identifier: Apache-2.0 */
/* test_model.c - fact lines, run documents and the exit status. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "model/fact.h"
#include "model/run.h"
#include "unit/unit.h"

static json_t *from(const char *single_quoted)
{
    char text[4096];
    json_t *value;

    snprintf(text, sizeof(text), "%s", single_quoted);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

static bool put(struct hg_facts *facts, const char *line, struct hg_error *err)
{
    json_t *value = from(line);
    bool ok = hg_facts_put_line(facts, value, err);

    json_decref(value);
    return ok;
}

static void facts_come_in_every_state(void **state)
{
    static const struct {
        const char *line;
        enum hg_fact_state state;
    } rows[] = {
        { "{'key':'a.a','state':'known','value':null}",                  HG_FACT_KNOWN       },
        { "{'key':'a.a','state':'absent','reason':'r'}",                 HG_FACT_ABSENT      },
        { "{'key':'a.a','state':'denied','reason':'r','needs':'n'}",     HG_FACT_DENIED      },
        { "{'key':'a.a','state':'unreachable','reason':'r'}",            HG_FACT_UNREACHABLE },
        { "{'key':'a.a','state':'unsupported','reason':'r'}",            HG_FACT_UNSUPPORTED },
        { "{'key':'a.a','state':'garbled','reason':'r','by':'auditor'}", HG_FACT_GARBLED     },
    };
    struct hg_facts *facts = hg_facts_new("t");

    (void)state;
    assert_string_equal(hg_facts_target(facts), "t");
    assert_int_equal(hg_facts_get(facts, "a.a").state, HG_FACT_UNASKED);
    assert_non_null(hg_facts_get(facts, "a.a").reason);
    assert_false(hg_facts_has(facts, "a.a"));
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_fact fact;
        enum hg_fact_state parsed;

        assert_true(put(facts, rows[i].line, NULL));
        assert_true(hg_facts_has(facts, "a.a"));
        fact = hg_facts_get(facts, "a.a");
        assert_int_equal(fact.state, rows[i].state);
        assert_int_equal(fact.value != NULL, rows[i].state == HG_FACT_KNOWN);
        assert_int_equal(fact.by_auditor, rows[i].state == HG_FACT_GARBLED);
        assert_true(hg_fact_state_parse(hg_fact_state_name(fact.state), &parsed));
        assert_int_equal(parsed, fact.state);
    }
    hg_facts_free(facts);
}

static void long_lists_come_in_chunks(void **state)
{
    struct hg_facts *facts = hg_facts_new("t");
    struct hg_error err = { 0 };
    json_t *lines, *value;

    (void)state;
    assert_true(put(facts,
                    "{'key':'a.a','state':'known','value':{'items':[1,2],'complete':true},"
                    "'more':true}",
                    NULL));
    assert_false(hg_facts_has(facts, "a.a"));
    assert_true(put(facts, "{'key':'b.b','state':'known','value':1}", NULL));
    assert_true(put(facts,
                    "{'key':'a.a','state':'known','value':{'items':[3],'complete':true},"
                    "'more':true}",
                    NULL));
    assert_false(hg_facts_has(facts, "a.a"));
    assert_true(put(
        facts, "{'key':'a.a','state':'known','value':{'items':[4],'complete':false}}", NULL));
    assert_true(hg_facts_has(facts, "a.a"));
    value = hg_facts_get(facts, "a.a").value;
    assert_int_equal(json_array_size(json_object_get(value, "items")), 4);
    assert_true(json_is_false(json_object_get(value, "complete")));
    lines = hg_facts_lines(facts);
    assert_int_equal(json_array_size(lines), 2);
    assert_null(json_object_get(json_array_get(lines, 0), "more"));
    /* the list has ended: the same key again is a new fact */
    assert_true(put(facts,
                    "{'key':'a.a','state':'known','value':{'items':[9],'complete':true},"
                    "'more':true}",
                    NULL));
    assert_false(put(facts, "{'key':'a.a','state':'known','value':7}", &err));
    assert_int_equal(err.code, HG_E_SYNTAX);
    assert_false(put(facts, "{'key':'a.a','state':'denied','reason':'r'}", NULL));
    err = (struct hg_error){ 0 };
    assert_false(put(facts, "{'key':'a.a','state':'known','value':{'items':[1]}}", &err));
    assert_int_equal(err.code, HG_E_SYNTAX);
    json_decref(lines);
    hg_facts_free(facts);
}

static void bad_lines_are_refused(void **state)
{
    static const char *const rows[] = {
        "[]",
        "5",
        "{}",
        "{'key':'a.a'}",
        "{'key':5,'state':'absent'}",
        "{'key':'','state':'absent'}",
        "{'key':'a.a','state':'fine'}",
        "{'key':'a.a','state':1}",
        "{'key':'a.a','state':'known'}",
        "{'key':'a.a','state':'absent','value':1}",
        "{'key':'a.a','state':'unasked','value':1}",
        ("{'key':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaa','state':'absent'}"),
    };
    struct hg_facts *facts = hg_facts_new("t");

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };

        assert_false(put(facts, rows[i], &err));
        assert_int_equal(err.code, HG_E_SYNTAX);
    }
    hg_facts_free(facts);
}

#define TARGET  "{'id':'t','engine':'e','port':1,'ms':2,'errors':['x']}"
#define FINDING "{'check':'c','target':'t','severity':'major','verdict':'fail','sentence':'s'"
#define HEAD    "'version':'1','name':'n','started_at':'2026-01-01T00:00:00Z','level':'look'"
#define RUN(targets, findings)                                                                 \
    "{'headgate_run':1," HEAD ",'fail_on':'major','targets':[" targets                         \
    "],'findings':[" findings "],'errors':['y']}"

static void runs_are_read(void **state)
{
    struct hg_error err = { 0 };
    struct hg_run *run = hg_run_from_json(
        from(RUN(TARGET, FINDING ",'closes_gate':true,'offenders':['o'],'offender_count':30}")),
        &err);

    (void)state;
    assert_non_null(run);
    assert_int_equal(run->n_targets, 1);
    assert_int_equal(run->n_findings, 1);
    assert_int_equal(run->n_errors, 2);
    assert_int_equal(run->count[HG_FAIL], 1);
    assert_int_equal(run->findings[0].n_offenders, 30);
    assert_true(run->findings[0].closes_gate);
    assert_string_equal(run->findings[0].waiver, "");
    assert_string_equal(run->findings[0].fix_text, "");
    assert_string_equal(run->targets[0].host, "");
    hg_run_free(run);
    hg_run_free(NULL);
}

static void refusals_of_runs_name_the_place(void **state)
{
    static const char *const rows[][2] = {
        { "5", "`headgate_run`" },
        { "{}", "`headgate_run`" },
        { "{'headgate_run':2}", "`headgate_run`" },
        { "{'headgate_run':1}", "`name`" },
        { "{'headgate_run':1," HEAD ",'fail_on':'x'}", "`fail_on`" },
        { "{'headgate_run':1," HEAD ",'fail_on':'major'}", "`targets` or `findings`" },
        { "{'headgate_run':1," HEAD ",'fail_on':'major','vantage':7}", "`vantage`" },
        { RUN("5", ""), "targets[0].errors" },
        { RUN(TARGET ",{'errors':[]}", ""), "targets[1].id" },
        { RUN("{'id':'t','engine':'e','errors':[1]}", ""), "targets[0].errors" },
        { RUN(TARGET, "{}"), "findings[0].check" },
        { RUN(TARGET, FINDING "}," FINDING ",'refs':[1]}"), "findings[1].refs" },
        { RUN(TARGET, FINDING ",'offenders':{}}"), "findings[0].offenders" },
        { RUN(TARGET, FINDING ",'why':[]}"), "findings[0].why" },
        { RUN(TARGET, FINDING ",'fix':{'text':1}}"), "findings[0].text" },
        { RUN(TARGET,
         "{'check':'c','target':'t','severity':'x','verdict':'fail','sentence':'s'}"),
         "findings[0].severity" },
        { RUN(TARGET,
         "{'check':'c','target':'t','severity':'info','verdict':'x','sentence':'s'}"),
         "findings[0].verdict" },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_run *run = hg_run_from_json(from(rows[i][0]), &err);

        if (strstr(err.text, rows[i][1]) == NULL) {
            print_error("%s: %s\n", rows[i][1], err.text);
        }
        assert_null(run);
        assert_int_equal(err.code, HG_E_SYNTAX);
        assert_non_null(strstr(err.text, rows[i][1]));
    }
}

static void the_exit_status_has_an_order(void **state)
{
    static const struct {
        bool interrupted;
        size_t errors, fails, unknowns, findings;
        int status;
    } rows[] = {
        { true,  1, 1, 1, 1, 130 },
        { true,  0, 0, 0, 0, 130 },
        { false, 1, 1, 1, 1, 70  },
        { false, 1, 0, 0, 0, 70  },
        { false, 0, 1, 1, 1, 1   },
        { false, 0, 0, 1, 1, 3   },
        { false, 0, 0, 0, 0, 5   },
        { false, 0, 0, 0, 1, 0   },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        assert_int_equal(hg_exit_status(rows[i].interrupted, rows[i].errors, rows[i].fails,
                                        rows[i].unknowns, rows[i].findings),
                         rows[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_come_in_every_state),
        cmocka_unit_test(long_lists_come_in_chunks),
        cmocka_unit_test(bad_lines_are_refused),
        cmocka_unit_test(runs_are_read),
        cmocka_unit_test(refusals_of_runs_name_the_place),
        cmocka_unit_test(the_exit_status_has_an_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
