/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_TOKEN_H
#define PK_HUB_TOKEN_H

#include "hub/sigv4.h"
#include "hub/trouble.h"

/*
 * Credentials, from where the tools of each registry look for them.  Texts
 * live in the arena; no message ever holds one.
 */

/*
 * Hugging Face: HF_TOKEN, HUGGING_FACE_HUB_TOKEN, the file HF_TOKEN_PATH,
 * $HF_HOME/token, $XDG_CACHE_HOME/huggingface/token or
 * ~/.cache/huggingface/token.  *ret: NULL when there is none, or when
 * HF_HUB_DISABLE_IMPLICIT_TOKEN says so.
 */
PK_MUST_CHECK enum pk_status pk_hf_token(struct pk_arena *a, const char **ret,
					 struct pk_remote_trouble *why);

/* HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE: the name of the one that is set, or
 * NULL. */
const char *pk_hf_offline(void);

/*
 * AWS: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
 * else the section AWS_PROFILE ("default") of AWS_SHARED_CREDENTIALS_FILE
 * (~/.aws/credentials).  The region: AWS_REGION, AWS_DEFAULT_REGION, that of
 * the profile in AWS_CONFIG_FILE (~/.aws/config), else us-east-1.
 * ret->key: NULL when there are none.
 */
PK_MUST_CHECK enum pk_status pk_aws_signer(struct pk_arena *a,
					   struct pk_signer *ret,
					   struct pk_remote_trouble *why);

/* A variable that is set to something, or NULL. */
const char *pk_env(const char *name);

/* Appends a small regular file; false when it cannot be read. */
bool pk_small_file(const char *path, struct pk_buf *to);

#endif
