/* SPDX-License-Identifier: Apache-2.0 */
/* profile_load.c - what a consumer of the stream needs: values, each with where it comes from.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/fields.h"
#include "rules/rule.h"

static int is_profile(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

json_t *hg_profile_names(const char *dir)
{
    struct dirent **entries = NULL;
    json_t *names = json_array();
    int n = scandir(dir, &entries, is_profile, by_name);

    for (int i = 0; i < n; i++) {
        json_array_append_new(names,
                              json_stringn(entries[i]->d_name, strlen(entries[i]->d_name) - 5));
        free(entries[i]);
    }
    if (n >= 0) {
        free(entries);
    }
    return names;
}

static bool take_params(const struct hg_at *params)
{
    static const char *const keys[] = { "value", "source", NULL };
    const char *name, *source;
    json_t *param;

    if (params->value != NULL && !json_is_object(params->value)) {
        return hg_at_fail(params, "`params` is a mapping of names to values");
    }
    json_object_foreach ((json_t *)params->value, name, param) {
        struct hg_at here = hg_at_key(params, name);

        if (!json_is_object(param)) {
            return hg_at_bad_key(&here,
                                 "`%s` wants { value: ..., source: ... }: the value, and "
                                 "where it comes from",
                                 name);
        }
        if (!hg_at_mapping(&here, "a parameter of a profile", keys) ||
            !hg_at_text(&here, "source", true, &source)) {
            return false;
        }
        if (json_object_get(param, "value") == NULL) {
            return hg_at_fail(&here, "`value` is missing");
        }
    }
    return true;
}

bool hg_profile_load(const char *dir, const char *name, struct hg_profile *ret,
                     struct hg_error *err)
{
    static const char *const keys[] = {
        "name", "title", "why", "refs", "params", "select", NULL
    };
    struct hg_at root = { .err = err }, params, named;
    const char *own = NULL, *ignored;
    json_t *refs;
    char path[4096];

    *ret = (struct hg_profile){ 0 };
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(name)) {
        return hg_fail(err, HG_E_USAGE, "there is no profile `%.100s`", name);
    }
    snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
    ret->doc = hg_doc_load(path, err);
    if (ret->doc == NULL) {
        return false;
    }
    root.doc = ret->doc;
    root.value = ret->doc->root;
    if (!hg_at_mapping(&root, "a profile", keys) || !hg_at_text(&root, "name", false, &own) ||
        !hg_at_text(&root, "title", false, &ignored) ||
        !hg_at_text(&root, "why", false, &ignored) ||
        !hg_at_texts(&root, "refs", false, &refs) ||
        !hg_at_texts(&root, "select", false, &ret->select)) {
        return false;
    }
    named = hg_at_key(&root, "name");
    if (own != NULL && strcmp(own, name) != 0) {
        return hg_at_fail(&named, "`%.100s` must equal the name of its file: `%s`", own, name);
    }
    params = hg_at_key(&root, "params");
    ret->params = (json_t *)params.value;
    return take_params(&params);
}

void hg_profile_done(struct hg_profile *profile)
{
    hg_doc_free(profile->doc);
}

json_t *hg_profile_value(const struct hg_profile *profile, const char *param,
                         const char **ret_source)
{
    const json_t *item = json_object_get(profile->params, param);

    if (ret_source != NULL) {
        *ret_source = json_string_value(json_object_get(item, "source"));
    }
    return json_object_get(item, "value");
}

/* The places of checks and profiles are another file's: this one is said as it stands. */
static bool param_known(const struct hg_checks *checks, const char *name)
{
    json_auto_t *known = json_object();

    for (size_t i = 0; i < checks->n; i++) {
        hg_check_params(&checks->items[i], known);
    }
    return json_object_get(known, name) != NULL;
}

static bool params_used(const struct hg_profile *profile, const struct hg_checks *checks,
                        struct hg_error *err)
{
    struct hg_at root = { .doc = profile->doc, .value = profile->doc->root, .err = err };
    struct hg_at params = hg_at_key(&root, "params");
    const char *name;
    json_t *ignored;

    json_object_foreach ((json_t *)params.value, name, ignored) {
        struct hg_at here = hg_at_key(&params, name);

        if (!param_known(checks, name)) {
            return hg_at_bad_key(&here, "no check asks for the parameter `%s`", name);
        }
    }
    return true;
}

bool hg_profiles_fit(const char *dir, const struct hg_checks *checks, struct hg_error *err)
{
    json_auto_t *names = hg_profile_names(dir);
    json_auto_t *given = json_object();
    json_auto_t *wanted = json_object();
    const char *param;
    json_t *item;
    size_t i;

    json_array_foreach (names, i, item) {
        struct hg_profile profile;
        bool ok = hg_profile_load(dir, json_string_value(item), &profile, err) &&
                  params_used(&profile, checks, err) &&
                  json_object_update(given, profile.params ? profile.params : given) == 0;

        hg_profile_done(&profile);
        if (!ok) {
            return hg_fail(err, HG_E_NOMEM, "out of memory");
        }
    }
    for (i = 0; json_array_size(names) > 0 && i < checks->n; i++) {
        json_object_clear(wanted);
        hg_check_params(&checks->items[i], wanted);
        json_object_foreach (wanted, param, item) {
            if (json_object_get(given, param) == NULL) {
                return hg_fail(err, HG_E_SYNTAX,
                               "%s: the parameter `%s` is given by no profile (in %s)",
                               checks->items[i].path, param, dir);
            }
        }
    }
    return true;
}
