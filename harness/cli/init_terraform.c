/* SPDX-License-Identifier: Apache-2.0 */
/* init_terraform.c - hosts, ports and names of Terraform's files become targets, or join those
 * of payload files. */
#include <arpa/inet.h>
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/init.h"
#include "load/terraform.h"

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Of Google's: letters, digits, - and _ (a project may have . and : too). */
static bool is_resource_name(const char *text)
{
    return text != NULL && text[0] != '\0' && text[0] != '-' && strlen(text) <= 255 &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:") ==
               strlen(text);
}

/* The target of the same name and engine that a payload file has made already. */
static json_t *same_target(const struct hg_init *init, const char *id, const char *engine)
{
    size_t i;
    json_t *target;

    json_array_foreach (init->targets, i, target) {
        if (strcmp(text_at(target, "id"), id) == 0 &&
            strcmp(text_at(target, "engine"), engine) == 0) {
            return target;
        }
    }
    return NULL;
}

static void set_command(json_t *target, const char *secret, const char *project)
{
    json_t *command = json_pack("[s, s, s, s, s, o]", "gcloud", "secrets", "versions", "access",
                                "latest", json_sprintf("--secret=%s", secret));

    if (is_resource_name(project)) {
        json_array_append_new(command, json_sprintf("--project=%s", project));
    }
    json_object_set_new(target, "command", command);
}

/* CONTRIBUTOR of "contributor"; a letter first. */
static void set_variable(struct hg_init *init, json_t *target)
{
    const char *id = text_at(target, "id");
    char name[128];
    size_t n = 0;

    if (!isalpha((unsigned char)id[0])) {
        name[n++] = '_';
    }
    for (; *id != '\0' && n + 1 < sizeof(name); id++) {
        name[n++] = isalnum((unsigned char)*id) ? (char)toupper((unsigned char)*id) : '_';
    }
    name[n] = '\0';
    json_object_set_new(target, "env", json_string(name));
    hg_init_note(
        init,
        "%s: its secret is to be in the variable %s, or is named in the plan otherwise "
        "(file, command)",
        text_at(target, "id"), name);
}

/* The secret whose name comes to the same target; else the only one of the engine's. */
static json_t *secret_for(const json_t *secrets, const json_t *profiles, const char *id,
                          const char *engine)
{
    json_t *secret, *profile, *only = NULL;
    size_t i, n = 0, n_profiles = 0;

    json_array_foreach (secrets, i, secret) {
        const char *hint = hg_init_engine_hint(text_at(secret, "name"));
        char *own = hg_init_id(text_at(secret, "name"));
        bool same = own != NULL && strcmp(own, id) == 0 &&
                    (hint == NULL || strcmp(hint, engine) == 0);

        free(own);
        if (same) {
            return secret;
        }
        if (hint != NULL && strcmp(hint, engine) == 0) {
            only = secret;
            n++;
        }
    }
    json_array_foreach (profiles, i, profile) {
        n_profiles += strcmp(text_at(profile, "engine"), engine) == 0;
    }
    return n == 1 && n_profiles == 1 ? only : NULL;
}

static void copy(json_t *target, const json_t *profile)
{
    json_t *port = json_object_get(profile, "port");

    if (hg_init_is_host(text_at(profile, "host"))) {
        json_object_set(target, "host", json_object_get(profile, "host"));
    }
    if (hg_init_is_name(text_at(profile, "username"))) {
        json_object_set(target, "username", json_object_get(profile, "username"));
    }
    if (hg_init_is_name(text_at(profile, "database"))) {
        json_object_set(target, "database", json_object_get(profile, "database"));
    }
    if (port != NULL) {
        json_object_set(target, "port", port);
    }
    json_object_set(target, "origin", json_object_get(profile, "origin"));
}

/* The payload is what is dialled; that Terraform says something else is worth a line. */
static void compare(struct hg_init *init, const json_t *target, const json_t *profile)
{
    static const char *const fields[] = { "host", "port", "username", "database" };

    for (size_t i = 0; i < HG_COUNT(fields); i++) {
        const json_t *ours = json_object_get(target, fields[i]);
        const json_t *theirs = json_object_get(profile, fields[i]);

        if (ours != NULL && theirs != NULL && !json_equal((json_t *)ours, (json_t *)theirs)) {
            hg_init_note(init, "%s: the secret's %s is not the one of %s",
                         text_at(target, "id"), fields[i], text_at(profile, "origin"));
        }
    }
}

static void take_profile(struct hg_init *init, const json_t *found, const json_t *profile)
{
    json_t *secrets = json_object_get(found, "secrets");
    const char *engine = text_at(profile, "engine");
    const char *name = text_at(profile, "name");
    char *id = hg_init_id(name ? name : "");
    json_t *target = id ? same_target(init, id, engine) : NULL, *secret;

    if (id != NULL && target != NULL) {
        compare(init, target, profile);
    } else if (id != NULL && (target = json_pack("{s:s, s:s}", "id", id, "engine", engine))) {
        hg_init_add(init, target);
        copy(target, profile);
        secret = secret_for(secrets, json_object_get(found, "profiles"), id, engine);
        if (secret != NULL && is_resource_name(text_at(secret, "name"))) {
            set_command(target, text_at(secret, "name"), text_at(found, "project"));
            json_object_set_new(secret, "taken", json_true());
        } else {
            set_variable(init, target);
        }
        json_decref(target);
    }
    free(id);
}

/* A secret without a profile: the seed's MongoDB, which no profile describes. */
static void take_secret(struct hg_init *init, const json_t *found, const json_t *secret)
{
    const char *name = text_at(secret, "name"), *engine = hg_init_engine_hint(name);
    char *id = hg_init_id(name);
    json_t *target;

    if (id == NULL || json_is_true(json_object_get(secret, "taken")) ||
        !is_resource_name(name)) {
        free(id);
        return;
    }
    if (engine == NULL) {
        hg_init_note(init, "%s: its name does not say which engine it is for; it is left out",
                     text_at(secret, "origin"));
    } else if (same_target(init, id, engine) == NULL &&
               (target = json_pack("{s:s, s:s, s:O}", "id", id, "engine", engine, "origin",
                                   json_object_get(secret, "origin")))) {
        hg_init_add(init, target);
        set_command(target, name, text_at(found, "project"));
        json_decref(target);
    }
    free(id);
}

/* As the plan wants it: an address, a prefix, and no bit of a single host behind it. */
static bool is_range(const char *text)
{
    unsigned char bytes[16] = { 0 };
    char address[INET6_ADDRSTRLEN], *end = NULL;
    size_t len = strcspn(text, "/");
    int family = memchr(text, ':', len) ? AF_INET6 : AF_INET;
    int width = family == AF_INET ? 32 : 128;
    long bits = text[len] == '/' && text[len + 1] >= '1' && text[len + 1] <= '9'
                    ? strtol(text + len + 1, &end, 10)
                    : 0;

    if (bits < 1 || bits > width || *end != '\0' || len >= sizeof(address)) {
        return false;
    }
    snprintf(address, sizeof(address), "%.*s", (int)len, text);
    if (inet_pton(family, address, bytes) != 1) {
        return false;
    }
    for (long i = bits; i < width; i++) {
        if ((bytes[i / 8] & (0x80 >> i % 8)) != 0) {
            return false;
        }
    }
    return true;
}

static void take_ranges(struct hg_init *init, const json_t *found)
{
    size_t i;
    json_t *range;

    json_array_foreach (json_object_get(found, "ranges"), i, range) {
        if (is_range(json_string_value(range))) {
            json_array_append(init->ranges, range);
        } else {
            hg_init_note(init, "a subnet of the private connection is no range of addresses; "
                               "name the stream's range in `from`");
        }
    }
}

bool hg_init_terraform(struct hg_init *init, struct hg_error *err)
{
    const char *dir = init->cli->terraform;
    json_auto_t *found = hg_terraform_read(dir, err);
    json_t *item;
    size_t i;

    if (found == NULL) {
        return false;
    }
    json_array_foreach (json_object_get(found, "profiles"), i, item) {
        take_profile(init, found, item);
    }
    json_array_foreach (json_object_get(found, "secrets"), i, item) {
        take_secret(init, found, item);
    }
    take_ranges(init, found);
    json_array_foreach (json_object_get(found, "notes"), i, item) {
        hg_init_note(init, "%s/%s", dir, json_string_value(item));
    }
    return json_array_size(init->targets) > 0 ||
           hg_fail(
               err, HG_E_USAGE,
               "%s: no connection profile for MySQL, PostgreSQL or MongoDB stands there, and "
               "no secret whose name says its engine",
               dir);
}
