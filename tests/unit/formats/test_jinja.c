/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define B(s) ((struct pk_span){ (const uint8_t *)(s), sizeof(s) - 1 })

static const struct pk_job *scan(const char *text)
{
	return t_scan("chat_template.jinja",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

/* Pieces of templates as models have them. */
static const char *const ordinary[] = {
	"{% for message in messages %}{{'<|im_start|>' + message['role'] + "
	"'\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
	"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
	"{% endif %}",
	"{{- bos_token }}\n{%- if messages[0]['role'] == 'system' %}\n"
	"{%- set system_message = messages[0]['content']|trim %}\n"
	"{%- set messages = messages[1:] %}\n{%- else %}\n"
	"{%- set system_message = '' %}\n{%- endif %}\n"
	"{{- 'Today Date: ' + strftime_now('%d %b %Y') + '\\n\\n' }}"
	"{{- raise_exception('Cannot use eval, exec or os.system') }}",
	"{%- macro json_to_python_type(json_spec) %}\n"
	"{%- set basic_type_map = {'string': 'str', 'number': 'float'} %}\n"
	"{%- if basic_type_map[json_spec.type] is defined %}\n"
	"{{- basic_type_map[json_spec.type] }}\n"
	"{%- elif json_spec.type == 'array' %}\n"
	"{{- 'List[' + json_to_python_type(json_spec['items']) + ']' }}\n"
	"{%- endif %}\n{%- endmacro %}\n"
	"{%- for tool in tools | map(attribute='function') %}"
	"{{- tool.name + '(' }}{% for k, v in tool.parameters.properties | "
	"dictsort %}{{ k ~ ': ' ~ json_to_python_type(v) }}{% endfor %}"
	"{%- endfor %}",
	"{% set ns = namespace(found=false, last='') %}"
	"{% for m in messages[::-1] %}{% set ns.last = ns.last ~ m.content %}"
	"{% if loop.first and not loop.last and loop.previtem is defined %}"
	"{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% endif %}"
	"{% endfor %}{{ (tools | tojson(indent=4)) }}{{ loop_messages[0]"
	"['__class' ] }}",
	"{% generation %}{{ '{0} {1}'.format(a, b) }}{% endgeneration %}"
	"{{ {'a': {'b': 1}} | tojson }}{% if 'open' in x %}{{ '}}' }}"
	"{% endif %}{# {{ x.__class__ }} #}{% raw %}{{ x.__class__ }}"
	"{% endraw %}",
	"{% for m in messages %}{{ roles[m.role] }}{{ ['a', 'b'][loop.index0 "
	"% 2] }}{{ {'user': 'U'}[m.role] }}{% endfor %} The __class__ of "
	"os.system is eval(open('x')).popen()",
	"<s>[INST] {% for message in messages %}{{ message.content }}"
	"{% endfor %}[/INST]",
	"{{ message.system }}{{ x.open }}{% if system %}{{ system }}{% endif %}"
	"{% macro open(x) %}{% endmacro %}{{ open(1) }}{{ cycler('a', 'b')"
	".next() }}{{ self.title() }}",
};

static void ordinary_templates_are_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		const struct pk_job *job = scan(ordinary[i]);

		if (!job->primary || job->finding_count)
			print_message("%s: %s\n", ordinary[i],
				      job->findings ? job->findings->message
						    : "not recognised");
		assert_non_null(job->primary);
		assert_string_equal(job->primary->name, "jinja");
		assert_int_equal(job->finding_count, 0);
		t_teardown(NULL);
	}
}

static const char *const internals[] = {
	"{{ ''.__class__ }}",
	"{{ x['__class__']['__mro__'] }}",
	"{{ x|attr('__class__') }}",
	"{{ x | attr(\"\\x5f\\x5fclass\\u005f\\137\") }}",
	"{{ x['__cla' 'ss__'] }}",
	"{{ x['__cla' ~ 'ss__'] }}",
	"{{ x['__cla' + 'ss__'] }}",
	"{{ x[['__cla', 'ss__'] | join] }}",
	"{{ x[''.join(['__cla', 'ss__'])] }}",
	"{{ x['__ssalc__'[::-1]] }}",
	"{{ x['__ssalc__' | reverse] }}",
	"{{ x['%c%cclass%c%c' % (95, 95, 95, 95)] }}",
	"{{ x['%c%cclass__' | format(95, 95)] }}",
	"{{ x['{}class{}'.format('__', '__')] }}",
	"{{ x['XXclassXX'.replace('X', '_')] }}",
	"{{ x['__CLASS__' | lower] }}",
	"{{ x[dict(__cla=1, ss__=2) | join] }}",
	"{% set a = '__cla' %}{% set b = 'ss__' %}{{ x[a ~ b] }}",
	"{% set ns = namespace(a='__glo') %}{{ x[ns.a ~ 'bals__'] }}",
	"{% set ns = namespace() %}{% set ns.a = '__glo' %}"
	"{{ x[ns.a ~ 'bals__'] }}",
	"{% set a %}__class__{% endset %}{{ x[a] }}",
	"{% macro a() %}__class__{% endmacro %}{{ x[a()] }}",
	"{% for a in ['x', '__class__'] %}{{ x[a] }}{% endfor %}",
	"{% set u = (()|select|string|list).pop(24) %}"
	"{{ x[u ~ u ~ 'class' ~ u ~ u] }}",
	"{{ x | map(attribute='a.__class__') }}",
	"{{ x | map('attr', '__class__') }}",
	"{{ x | sum(attribute='__init__.__globals__') }}",
	"{{ '{0.__class__}'.format(x) }}",
	"{{ '{a[__globals__]}'.format_map(x) }}",
	"{% set f = '{0.__class__}'.format %}{{ f(x) }}",
	"{% if x.gi_frame.f_back %}{% endif %}",
	"{{ cycler.__init__.__globals__.os.popen('id').read() }}",
	"{{ self._TemplateReference__context }}",
	"{{ ({'a': '__class__'})['a'] and x[{'a': '__class__'}.a] }}",
	"{% for c in [].__class__.__base__.__subclasses__() %}{% endfor %}",
	"{{ x[('_' * 2) ~ 'class' ~ ('_' * 2)] }}",
	"{{ x[y or '__class__'] }}{{ x['__class__' if a else 'b'] }}",
	"{% filter attr('__class__') %}{% endfilter %}",
	"{%- if true -%}{{ x.__class__ -}}{%- endif -%}",
	"{{ {'a': '}}', 'b': x.__class__} }}",
};

static void ways_into_python_are_critical(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(internals) / sizeof(internals[0]); i++) {
		scan(internals[i]);
		if (!t_finds(PK_RULE_TEMPLATE_PYTHON_INTERNALS))
			print_message("missed: %s\n", internals[i]);
		assert_true(t_finds(PK_RULE_TEMPLATE_PYTHON_INTERNALS));
		t_teardown(NULL);
	}
}

static const struct {
	const char *text;
	enum pk_rule rule;
} others[] = {
	{ "{{ os.popen('id').read() }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ os.system('id') }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ x.os.system('id') }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ x['pop' ~ 'en']('id') }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ x|attr('popen')('id') }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ __import__('os') }}", PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ config.from_pyfile('/tmp/x') }}",
	  PK_RULE_TEMPLATE_DANGEROUS_CALL },
	{ "{{ eval('1') }}", PK_RULE_TEMPLATE_DOUBTFUL_CALL },
	{ "{{ x.system('id') }}", PK_RULE_TEMPLATE_DOUBTFUL_CALL },
	{ "{{ x|attr(y) }}", PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE },
	{ "{{ x|attr('format')(y) }}", PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE },
	{ "{{ ''[y] }}", PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE },
	{ "{{ ()[request.args.a] }}", PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE },
	{ "{{ lipsum.x }}", PK_RULE_TEMPLATE_BUILTIN_OBJECT },
	{ "{{ x|attr('items')() }}", PK_RULE_TEMPLATE_ATTR_FILTER },
	{ "{% include 'other' %}", PK_RULE_TEMPLATE_LOADS_TEMPLATE },
	{ "{{ x }}\xe2\x80\xae", PK_RULE_TEMPLATE_HIDDEN_TEXT },
	{ "{{ x }}\xf3\xa0\x81\xa1", PK_RULE_TEMPLATE_HIDDEN_TEXT },
};

static void each_rule_fires(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		scan(others[i].text);
		if (!t_finds(others[i].rule))
			print_message("missed: %s\n", others[i].text);
		assert_true(t_finds(others[i].rule));
		t_teardown(NULL);
	}
}

static void a_flag_of_tag_characters_is_a_flag(void **state)
{
	(void)state;
	scan("{{ x }}\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf");
	assert_int_equal(t_findings(), 0);
}

static void nesting_is_bounded_and_said(void **state)
{
	enum { N = 40000 };
	static char text[2 * N + 6];

	(void)state;
	memcpy(text, "{{", 2);
	memset(text + 2, '(', N);
	text[N + 2] = 'x';
	memset(text + N + 3, ')', N);
	memcpy(text + 2 * N + 3, "}}", 2);
	scan(text);
	assert_true(t_finds(PK_RULE_TEMPLATE_TOO_DEEP));
	assert_true(t_partial());
}

/* Text that only resembles a template. */
static const char *const prose[] = {
	"# Readme\n\nUse `{{ x.__class__ }}` and {% for a in b %}{% endfor %}",
	"{{ if .System }}<|system|>{{ .System }}{{ end }}{{ .Prompt }}",
	"{{#each items}}{{this}}{{/each}}",
	"{%\n\\def\\x{1}%\n}",
	"{#if x}<p>{x.__class__}</p>{/if}",
	"{% load static %}{% block a %}{% endblock %}",
	"{% for a in b %}",
	"<html>{% for a in b %}{{ a.__class__ }}{% endfor %}</html>",
	"{\"chat_template\": \"{{ x.__class__ }}\"}",
};

static void other_text_is_no_template(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prose) / sizeof(prose[0]); i++) {
		const struct pk_job *job = t_scan(
			"README", (struct pk_span){ (const uint8_t *)prose[i],
						    strlen(prose[i]) });

		if (job->primary && !strcmp(job->primary->name, "jinja"))
			print_message("taken for one: %s\n", prose[i]);
		assert_true(!job->primary ||
			    strcmp(job->primary->name, "jinja") != 0);
		t_teardown(NULL);
	}
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"a.jinja",
		B("{%- macro f(a, b='\\x5f\\N{LOW LINE}') -%}{{ a|join(b)"
		  "[::-1] ~ '%c%%' % (95,) }}{% endmacro %}{% set n.a, c = "
		  "{'k': [1, (2,)]}, f(1) %}{% for x in y if not z is in d "
		  "recursive %}{{ '{0.__class__}'.format(x)|attr(c) }}"
		  "{% endfor %}{# c #}{% raw %}{{{% endraw %}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(ordinary_templates_are_silent),
		T_TEST(ways_into_python_are_critical),
		T_TEST(each_rule_fires),
		T_TEST(a_flag_of_tag_characters_is_a_flag),
		T_TEST(nesting_is_bounded_and_said),
		T_TEST(other_text_is_no_template),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
