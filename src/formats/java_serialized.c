/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java's object serialization, as Weka and others write their models: AC ED 00
 * 05 and a stream of objects (Java Object Serialization Specification, 6.4).
 *
 * What can hurt: readObject() makes objects of every class that the stream
 * names and the class path has; known classes turn that into code execution.
 */
#include "codec/javaser.h"
#include "engine/format.h"

enum { SHOWN = 120, TOLD_MAX = 16 };

/* Packages and classes from which known chains are built. */
static const char *const gadgets[] = {
	"org.apache.commons.collections.functors.",
	"org.apache.commons.collections4.functors.",
	"org.apache.commons.collections.keyvalue.TiedMapEntry",
	"org.apache.commons.collections4.keyvalue.TiedMapEntry",
	"org.apache.commons.collections.map.LazyMap",
	"org.apache.commons.collections4.map.LazyMap",
	"org.apache.commons.collections4.comparators.TransformingComparator",
	"org.apache.commons.beanutils.BeanComparator",
	"org.apache.commons.fileupload.disk.DiskFileItem",
	"com.sun.org.apache.xalan.internal.xsltc.trax.",
	"org.apache.xalan.xsltc.trax.",
	"sun.reflect.annotation.AnnotationInvocationHandler",
	"javax.management.BadAttributeValueExpException",
	"javax.management.openmbean.",
	"com.sun.rowset.JdbcRowSetImpl",
	"com.mchange.v2.c3p0.",
	"org.codehaus.groovy.runtime.",
	"org.springframework.beans.factory.",
	"org.springframework.core.SerializableTypeWrapper",
	"org.springframework.aop.framework.",
	"org.hibernate.engine.spi.TypedValue",
	"org.hibernate.tuple.",
	"org.jboss.interceptor.",
	"org.jboss.weld.interceptor.",
	"org.mozilla.javascript.",
	"org.python.core.",
	"bsh.",
	"clojure.",
	"net.sf.json.",
	"com.rometools.rome.feed.impl.",
	"com.sun.syndication.feed.impl.",
	"com.vaadin.data.",
	"org.apache.wicket.util.upload.",
	"java.rmi.server.",
	"sun.rmi.",
	"java.lang.invoke.SerializedLambda",
	"javax.script.",
	"java.util.logging.FileHandler",
	"org.apache.logging.log4j.core.",
	"ch.qos.logback.core.",
};

/* What models are made of. */
static const char *const expected[] = {
	"java.lang.",
	"java.util.",
	"java.math.",
	"java.text.",
	"java.io.",
	"java.awt.",
	"java.time.",
	"java.sql.",
	"javax.swing.",
	"weka.",
	"libsvm.",
	"moa.",
	"hex.",
	"water.",
	"org.deeplearning4j.",
	"org.nd4j.",
	"smile.",
	"ml.",
	"org.apache.spark.",
	"scala.",
	"meka.",
	"mulan.",
	"cc.mallet.",
	"edu.stanford.nlp.",
	"opennlp.",
	"de.lmu.",
	"com.rapidminer.",
	"net.sf.javaml.",
	"org.apache.commons.math",
	"gnu.trove.",
	"it.unimi.dsi.",
	"gov.nist.",
};

static bool is_of(struct pk_span name, const char *prefix)
{
	const size_t n = strlen(prefix);

	return name.len >= n && memcmp(name.p, prefix, n) == 0;
}

static bool is_any_of(struct pk_span name, const char *const *v, size_t n)
{
	while (n--) {
		if (is_of(name, v[n]))
			return true;
	}
	return false;
}

struct told {
	struct pk_scan *s;
	unsigned gadgets, strangers;
};

/* "[[Lcom.example.Thing;" is of that class; "[I" and "[[D" of none. */
static struct pk_span element_class(struct pk_span name)
{
	const bool array = name.len && name.p[0] == '[';

	while (name.len && name.p[0] == '[') {
		name.p++;
		name.len--;
	}
	if (!array)
		return name;
	if (name.len < 2 || name.p[0] != 'L')
		return (struct pk_span){ 0 };
	return (struct pk_span){ name.p + 1,
				 name.len - 1 - (name.p[name.len - 1] == ';') };
}

static void check_class(void *user, struct pk_span name, uint64_t off)
{
	struct told *t = user;
	const struct pk_span class = element_class(name);

	if (!class.len)
		return;
	if (is_any_of(class, gadgets, sizeof(gadgets) / sizeof(gadgets[0]))) {
		t->s->job->facts |= PK_FACT_PICKLE_RUNS_CODE;
		if (t->gadgets++ < TOLD_MAX)
			pk_report(t->s, PK_RULE_JAVA_GADGET, off,
				  "an object of %s is made",
				  pk_show(t->s, class, SHOWN));
		return;
	}
	if (is_any_of(class, expected, sizeof(expected) / sizeof(expected[0])))
		return;
	if (t->strangers++ < TOLD_MAX)
		pk_report(t->s, PK_RULE_JAVA_CLASS, off,
			  "an object of %s is made",
			  pk_show(t->s, class, SHOWN));
}

static void java_serialized_scan(struct pk_scan *s)
{
	struct told t = { .s = s };
	const struct pk_java_events e = { check_class, &t };
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	uint64_t end;

	s->job->facts |= PK_FACT_PICKLE_IMPORTS;
	pk_report(s, PK_RULE_JAVA_OBJECTS, 0,
		  "the file is read by ObjectInputStream.readObject()");
	end = pk_java_walk(&c, &s->arena, &e);
	pk_report_fault(s, PK_RULE_JAVA_MALFORMED, &c, "the objects");
	pk_claim(s, 0, pk_cursor_ok(&c) ? c.off : end);
}

static enum pk_match java_serialized_probe(const struct pk_head *head)
{
	return head->bytes.len > 5 &&
			       pk_span_starts(head->bytes,
					      PK_LIT("\xac\xed\0\5")) &&
			       head->bytes.p[4] >= 0x70 &&
			       head->bytes.p[4] <= 0x7e
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_java_serialized = {
	.name = "java-serialized",
	.title = "Serialized Java objects (Weka and others)",
	.reads = "every object: the classes that are made",
	.risk = PK_RISK_CODE,
	.rank = 20,
	.probe = java_serialized_probe,
	.scan = java_serialized_scan,
};
