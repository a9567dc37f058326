/* SPDX-License-Identifier: Apache-2.0 */
/* test_diff.c - two runs side by side: every change of one finding, and what they come to. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "model/diff.h"
#include "unit/unit.h"

#define P true, HG_PASS
#define S true, HG_SKIP
#define W true, HG_WAIVED
#define U true, HG_UNKNOWN
#define F true, HG_FAIL
#define N false, HG_PASS

/* Every pair of stands there is. */
static const struct {
    struct hg_stand was, now;
    enum hg_change change;
} changes[] = {
    { { N, HG_MAJOR }, { N, HG_MAJOR },   HG_SAME       },
    { { N, HG_MAJOR }, { P, HG_MAJOR },   HG_SAME       },
    { { N, HG_MAJOR }, { S, HG_MAJOR },   HG_SAME       },
    { { N, HG_MAJOR }, { W, HG_MAJOR },   HG_NEW_WAIVED },
    { { N, HG_MAJOR }, { U, HG_MAJOR },   HG_NEW        },
    { { N, HG_MAJOR }, { F, HG_MAJOR },   HG_NEW        },
    { { P, HG_MAJOR }, { N, HG_MAJOR },   HG_LOST       },
    { { P, HG_MAJOR }, { P, HG_MINOR },   HG_SAME       },
    { { P, HG_MAJOR }, { S, HG_MAJOR },   HG_LOST       },
    { { P, HG_MAJOR }, { W, HG_MAJOR },   HG_NEW_WAIVED },
    { { P, HG_MAJOR }, { U, HG_MAJOR },   HG_NEW        },
    { { P, HG_MAJOR }, { F, HG_MAJOR },   HG_NEW        },
    { { S, HG_MAJOR }, { N, HG_MAJOR },   HG_SAME       },
    { { S, HG_MAJOR }, { P, HG_MAJOR },   HG_SAME       },
    { { S, HG_MAJOR }, { S, HG_MAJOR },   HG_SAME       },
    { { S, HG_MAJOR }, { W, HG_MAJOR },   HG_NEW_WAIVED },
    { { S, HG_MAJOR }, { U, HG_MAJOR },   HG_NEW        },
    { { S, HG_MAJOR }, { F, HG_MAJOR },   HG_NEW        },
    { { W, HG_MAJOR }, { N, HG_MAJOR },   HG_LOST       },
    { { W, HG_MAJOR }, { P, HG_MAJOR },   HG_FIXED      },
    { { W, HG_MAJOR }, { S, HG_MAJOR },   HG_LOST       },
    { { W, HG_MAJOR }, { W, HG_BLOCKER }, HG_SAME       },
    { { W, HG_MAJOR }, { U, HG_MAJOR },   HG_NEW        },
    { { W, HG_MAJOR }, { F, HG_MAJOR },   HG_NEW        },
    { { U, HG_MAJOR }, { N, HG_MAJOR },   HG_LOST       },
    { { U, HG_MAJOR }, { P, HG_MAJOR },   HG_FIXED      },
    { { U, HG_MAJOR }, { S, HG_MAJOR },   HG_LOST       },
    { { U, HG_MAJOR }, { W, HG_MAJOR },   HG_NEW_WAIVED },
    { { U, HG_MAJOR }, { U, HG_MAJOR },   HG_UNCHANGED  },
    { { U, HG_MAJOR }, { U, HG_MINOR },   HG_BETTER     },
    { { U, HG_MAJOR }, { U, HG_BLOCKER }, HG_WORSE      },
    { { U, HG_MAJOR }, { F, HG_MAJOR },   HG_WORSE      },
    { { U, HG_MAJOR }, { F, HG_INFO },    HG_WORSE      },
    { { F, HG_MAJOR }, { N, HG_MAJOR },   HG_LOST       },
    { { F, HG_MAJOR }, { P, HG_MAJOR },   HG_FIXED      },
    { { F, HG_MAJOR }, { S, HG_MAJOR },   HG_LOST       },
    { { F, HG_MAJOR }, { W, HG_MAJOR },   HG_NEW_WAIVED },
    { { F, HG_MAJOR }, { U, HG_MAJOR },   HG_UNCHANGED  },
    { { F, HG_MAJOR }, { F, HG_MAJOR },   HG_UNCHANGED  },
    { { F, HG_MAJOR }, { F, HG_MINOR },   HG_BETTER     },
    { { F, HG_MAJOR }, { F, HG_BLOCKER }, HG_WORSE      },
};

static void every_change_has_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(changes); i++) {
        enum hg_change change = hg_change_of(changes[i].was, changes[i].now), again;

        if (change != changes[i].change) {
            print_error("row %zu: %s\n", i, hg_change_name(change));
        }
        assert_int_equal(change, changes[i].change);
        assert_true(hg_change_parse(hg_change_name(change), &again));
        assert_int_equal(change, again);
    }
}

/* "check target severity verdict closes", one finding each. */
static json_t *run_of(const char *const *findings, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n && findings[i] != NULL; i++) {
        char check[16], target[16], severity[16], verdict[16], closes[4];

        assert_int_equal(sscanf(findings[i], "%15s %15s %15s %15s %3s", check, target, severity,
                                verdict, closes),
                         5);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "check", check,
                                              "target", target, "severity", severity, "verdict",
                                              verdict, "sentence", "it is so", "closes_gate",
                                              closes[0] == '!'));
    }
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:[], s:o}", "headgate_run", 1, "version",
                     "1", "name", "n", "started_at", "2026-01-01T00:00:00Z", "level", "look",
                     "fail_on", "major", "targets", "findings", list);
}

static void the_exit_status_says_what_is_new(void **state)
{
    static const struct {
        const char *was[4], *now[4];
        int status;
    } rows[] = {
        { { NULL },                                   { NULL },                                                             0 },
        { { NULL },                                   { "a t major fail !" },                                               1 },
        { { NULL },                                   { "a t major unknown !" },                                            3 },
        { { NULL },                                   { "a t minor fail -" },                                               0 },
        { { "a t major fail !" },                     { "a t major fail !" },                                               0 },
        { { "a t major fail !" },                     { "a t blocker fail !" },                                             1 },
        { { "a t major unknown !" },                  { "a t major fail !" },                                               1 },
        { { "a t major fail !" },                     { "a t major unknown !" },                                            0 },
        { { "a t major fail !" },                     { "a t major pass -" },                                               0 },
        { { "a t major fail !" },                     { "a t major waived -" },                                             0 },
        { { "a t major waived -" },                   { "a t major fail !" },                                               1 },
        { { "a t major pass -" },                     { NULL },                                                             3 },
        { { "a t minor pass -" },                     { NULL },                                                             0 },
        { { "a t major pass -" },                     { "a t major skip -" },                                               3 },
        { { "a t major skip -" },                     { NULL },                                                             0 },
        { { "a t major fail !" },                     { "a u major fail !" },                                               1 },
        { { NULL },                                   { "a t major unknown !", "b t major unknown !", "c t major fail !" }, 1 },
        /* two of a name: the second is matched with the second */
        { { "a t major fail !", "a t major pass -" },
         { "a t major fail !", "a t major pass -" },
         0                                                                                                                    },
        { { "a t major fail !" },                     { "a t major fail !", "a t major fail !" },                           1 },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        struct hg_run *was = hg_run_from_json(run_of(rows[i].was, 4), &err);
        struct hg_run *now = hg_run_from_json(run_of(rows[i].now, 4), &err);
        struct hg_diff diff;

        assert_non_null(was);
        assert_non_null(now);
        assert_true(hg_diff_make(&diff, was, now));
        if (diff.exit_status != rows[i].status) {
            print_error("row %zu\n", i);
        }
        assert_int_equal(diff.exit_status, rows[i].status);
        hg_diff_done(&diff);
        assert_true(hg_diff_make(&diff, now, now)); /* with itself nothing is new */
        assert_int_equal(diff.exit_status, 0);
        assert_int_equal(diff.count[HG_SAME] + diff.count[HG_UNCHANGED], now->n_findings);
        hg_diff_done(&diff);
        hg_run_free(was);
        hg_run_free(now);
    }
}

static void since_is_written_and_read_again(void **state)
{
    static const char *const before[] = { "a t major pass -", "b t major fail !",
                                          "c t minor fail -", "d t major fail !" };
    static const char *const after[] = { "a t major fail !", "b t major pass -",
                                         "c t minor fail -" };
    struct hg_error err = { 0 };
    struct hg_run *was = hg_run_from_json(run_of(before, 4), &err), *now;
    json_t *doc = run_of(after, 3);

    (void)state;
    for (int twice = 0; twice < 2; twice++) { /* the second takes the place of the first */
        assert_true(hg_run_put_since(doc, was, &err));
    }
    now = hg_run_from_json(doc, &err);
    assert_non_null(now);
    assert_int_equal(now->findings[0].since, HG_NEW);
    assert_int_equal(now->findings[1].since, HG_SAME);
    assert_int_equal(now->findings[2].since, HG_UNCHANGED);
    assert_int_equal(now->since.count[HG_NEW], 1);
    assert_int_equal(now->since.count[HG_UNCHANGED], 1);
    assert_int_equal(json_array_size(now->since.fixed), 1);
    assert_int_equal(json_array_size(now->since.lost), 1);
    assert_int_equal(json_array_size(now->since.waived), 0);
    assert_string_equal(now->since.started_at, "2026-01-01T00:00:00Z");
    hg_run_free(was);
    hg_run_free(now);
    doc = json_pack("{s:i}", "headgate_run", 1);
    was = hg_run_from_json(run_of(before, 4), &err);
    assert_false(hg_run_put_since(doc, was, &err));
    assert_int_equal(err.code, HG_E_SYNTAX);
    json_decref(doc);
    hg_run_free(was);
}

static void a_since_that_is_none_is_refused(void **state)
{
#define ENTRY "{\"check\":\"c\",\"target\":\"t\",\"severity\":\"major\",\"was\":\"fail\"}"
    static const char *const rows[][2] = {
        { "5",                                                                           "`started_at`" },
        { "{\"started_at\":\"x\",\"level\":\"l\"}",                                      "`name`"       },
        { "{\"started_at\":\"x\",\"name\":\"n\",\"level\":\"l\"}",                       "`fixed`"      },
        { "{\"started_at\":\"x\",\"name\":\"n\",\"level\":\"l\",\"fixed\":[5]}",         "fixed[0]."    },
        { "{\"started_at\":\"x\",\"name\":\"n\",\"level\":\"l\",\"fixed\":[" ENTRY "],"
          "\"waived\":[],\"lost\":[" ENTRY ",{\"check\":\"c\",\"target\":1}]}",
         "lost[1].target"                                                                               },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_error err = { 0 };
        json_t *doc = run_of((const char *const[]){ "a t major fail !" }, 1);

        json_object_set_new(doc, "since", json_loads(rows[i][0], JSON_DECODE_ANY, NULL));
        assert_null(hg_run_from_json(doc, &err));
        assert_int_equal(err.code, HG_E_SYNTAX);
        print_message("%s\n", err.text);
        assert_non_null(strstr(err.text, rows[i][1]));
    }
}

static void a_finding_says_one_of_four_words(void **state)
{
    static const char *const words[] = { "fixed", "same", "no longer looked at", "NEW", "x" };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(words); i++) {
        struct hg_error err = { 0 };
        json_t *doc = run_of((const char *const[]){ "a t major fail !" }, 1);

        json_object_set_new(json_array_get(json_object_get(doc, "findings"), 0), "since",
                            json_string(words[i]));
        assert_null(hg_run_from_json(doc, &err));
        assert_non_null(strstr(err.text, "findings[0].since"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_has_its_name),
        cmocka_unit_test(the_exit_status_says_what_is_new),
        cmocka_unit_test(since_is_written_and_read_again),
        cmocka_unit_test(a_since_that_is_none_is_refused),
        cmocka_unit_test(a_finding_says_one_of_four_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
