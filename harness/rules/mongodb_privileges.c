/* SPDX-License-Identifier: Apache-2.0 */
/* mongodb_privileges.c - actions on resources: MongoDB Manual, "Resource Document". */
#include <jansson.h>
#include <string.h>

#include "rules/privileges.h"

static bool covers(const json_t *resource, const char *db, const char *collection)
{
    const char *its_db = json_string_value(json_object_get(resource, "db"));
    const char *its_coll = json_string_value(json_object_get(resource, "collection"));

    if (json_is_true(json_object_get(resource, "anyResource"))) {
        return true;
    }
    if (its_db == NULL || its_coll == NULL) {
        return false; /* {cluster: true} and system_buckets give nothing on a database */
    }
    if (strcmp(its_db, db) != 0 && its_db[0] != '\0') {
        return false;
    }
    /* Any database is any but these: "local and config" (manual, readAnyDatabase). */
    if (its_db[0] == '\0' && its_coll[0] == '\0' &&
        (strcmp(db, "local") == 0 || strcmp(db, "config") == 0)) {
        return false;
    }
    /* "" is every collection but the system ones; the whole database needs exactly that. */
    if (its_coll[0] == '\0') {
        return strncmp(collection, "system.", 7) != 0;
    }
    return collection[0] != '\0' && strcmp(its_coll, collection) == 0;
}

static bool has_action(const json_t *actions, const char *action)
{
    size_t i;
    json_t *item;

    json_array_foreach (actions, i, item) {
        const char *name = json_string_value(item);

        if (name != NULL && (strcmp(name, action) == 0 || strcmp(name, "anyAction") == 0)) {
            return true;
        }
    }
    return false;
}

enum hg_verdict hg_mongodb_allows(const json_t *privileges, const json_t *actions,
                                  const char *db, const char *collection, json_t *missing)
{
    enum hg_verdict verdict = HG_PASS;
    size_t i, j;
    json_t *action, *privilege;

    if (!json_is_array(privileges) || json_array_size(actions) == 0) {
        return HG_UNKNOWN;
    }
    json_array_foreach (actions, i, action) {
        bool found = false;

        if (!json_is_string(action)) {
            return HG_UNKNOWN;
        }
        json_array_foreach (privileges, j, privilege) {
            found = found || (covers(json_object_get(privilege, "resource"), db, collection) &&
                              has_action(json_object_get(privilege, "actions"),
                                         json_string_value(action)));
        }
        if (!found) {
            verdict = HG_FAIL;
            json_array_append(missing, action);
        }
    }
    return verdict;
}
