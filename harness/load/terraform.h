/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * terraform.h - what a folder of Terraform's files says of the sources of a change stream.
 *
 * { "profiles": [{ "name", "engine", "host", "port", "username", "database", "origin" }],
 *   "secrets":  [{ "name", "origin" }],
 *   "ranges":   ["10.1.0.0/29"],
 *   "project":  "..." ,
 *   "notes":    ["datastream.tf:12: ..."] }
 *
 * profiles: google_datastream_connection_profile with a MySQL, PostgreSQL or MongoDB profile;
 * secrets: google_secret_manager_secret, and data of google_secret_manager_secret_version;
 * ranges: the subnets of google_datastream_private_connection. What is neither a literal nor a
 * variable or local with one value is left out. Passwords are never read (hcl.h).
 */

#include "base/attr.h"
#include "base/error.h"

struct json_t;

/* Reads the *.tf and *.tfvars of a folder, as Terraform does: no folder below. A file that is
 * not understood becomes a note. NULL with err when there is no such folder or no *.tf in it.
 */
HG_MUST_CHECK struct json_t *hg_terraform_read(const char *dir, struct hg_error *err);
