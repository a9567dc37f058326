/* SPDX-License-Identifier: Apache-2.0 */
/* explain_thresholds.c - which values a check compares with, and who says so. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/explain.h"
#include "rules/rule.h"

static bool load_plan(const struct hg_cli *cli, struct hg_thresholds *ret, struct hg_error *err)
{
    struct hg_cli as_run = *cli;

    as_run.operands[0] = cli->plan;
    as_run.operands[1] = NULL;
    as_run.n_operands = 1;
    ret->stated = hg_doc_load(cli->plan, err);
    return ret->stated != NULL && hg_cli_load(&as_run, &ret->loaded, err);
}

bool hg_thresholds_load(const struct hg_cli *cli, const char *checks_dir,
                        struct hg_thresholds *ret, struct hg_error *err)
{
    char dir[4096];
    json_t *name;
    size_t i;

    *ret = (struct hg_thresholds){ 0 };
    snprintf(dir, sizeof(dir), "%s/profiles", checks_dir);
    if (cli->plan != NULL && !load_plan(cli, ret, err)) {
        return false;
    }
    ret->names = cli->profiles[0] ? json_array()
                 : cli->plan      ? json_copy(ret->loaded.plan->profiles)
                                  : hg_profile_names(dir);
    for (size_t p = 0; cli->profiles[p] != NULL; p++) {
        json_array_append_new(ret->names, json_string(cli->profiles[p]));
    }
    ret->profiles = calloc(json_array_size(ret->names) + 1, sizeof(*ret->profiles));
    if (ret->profiles == NULL) {
        return hg_fail_nomem(err);
    }
    json_array_foreach (ret->names, i, name) {
        struct hg_error inner = { 0 };

        if (!hg_profile_load(dir, json_string_value(name), &ret->profiles[i], &inner)) {
            if (inner.code == HG_E_USAGE) {
                return hg_fail(err, HG_E_USAGE, "--profile: there is no profile `%.100s`",
                               json_string_value(name));
            }
            *err = inner;
            return false;
        }
    }
    return true;
}

void hg_thresholds_done(struct hg_thresholds *thresholds)
{
    for (size_t i = 0; thresholds->profiles && i < json_array_size(thresholds->names); i++) {
        hg_profile_done(&thresholds->profiles[i]);
    }
    free(thresholds->profiles);
    json_decref(thresholds->names);
    hg_loaded_done(&thresholds->loaded);
    hg_doc_free(thresholds->stated);
}

static void say_value(const char *label, const json_t *value)
{
    struct hg_buf out = { 0 };
    char *json = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
    const char *text = json ? json : json_string_value(value);

    hg_text_clean(&out, label, strlen(label), 40);
    hg_buf_printf(&out, "%*s", out.len < 11 ? (int)(12 - out.len) : 1, "");
    hg_text_clean(&out, text ? text : "", text ? strlen(text) : 0, 200);
    printf("    %s\n", hg_buf_text(&out));
    hg_buf_done(&out);
    free(json);
}

static void say_source(const char *text)
{
    printf("%16s", "");
    hg_explain_text(16, text);
}

/* Where the value that is in force for a target was said: target over plan over profiles. */
static void say_target(const struct hg_thresholds *from, const struct hg_target *target,
                       const char *param)
{
    const json_t *root = from->stated->root;
    const json_t *own = json_object_get(
        json_object_get(json_object_get(root, "targets"), target->id), "params");
    const char *name = NULL;
    struct hg_buf text = { 0 };

    for (size_t i = 0; name == NULL && i < json_array_size(from->names); i++) {
        if (hg_profile_value(&from->profiles[i], param, NULL) != NULL) {
            name = json_string_value(json_array_get(from->names, i));
        }
    }
    say_value(target->id, json_object_get(target->params, param));
    if (json_object_get(own, param) != NULL) {
        hg_buf_puts(&text, "In force: the plan says so for this target.");
    } else if (json_object_get(json_object_get(root, "params"), param) != NULL) {
        hg_buf_puts(&text, "In force: the plan says so.");
    } else {
        hg_buf_printf(&text, "In force: the profile %s says so.", name ? name : "?");
    }
    say_source(hg_buf_text(&text));
    hg_buf_done(&text);
}

void hg_explain_thresholds(const struct hg_check *check, const struct hg_thresholds *from)
{
    const struct hg_plan *plan = from->loaded.plan;
    json_auto_t *names = json_object();
    const char *param, *source;
    json_t *ignored;

    hg_check_params(check, names);
    printf("\nthresholds%s\n",
           json_object_size(names) == 0 ? "  none that a profile or a plan sets" : "");
    json_object_foreach (names, param, ignored) {
        printf("  %s\n", param);
        for (size_t i = 0; i < json_array_size(from->names); i++) {
            const json_t *value = hg_profile_value(&from->profiles[i], param, &source);

            if (value != NULL) {
                say_value(json_string_value(json_array_get(from->names, i)), value);
                say_source(source);
            }
        }
        for (size_t i = 0; plan != NULL && i < plan->n_targets; i++) {
            if (strcmp(plan->targets[i].engine, check->engine) == 0) {
                say_target(from, &plan->targets[i], param);
            }
        }
    }
}
