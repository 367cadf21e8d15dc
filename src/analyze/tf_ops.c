/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/tf_ops.h"

#define READ(n, p, w)                                                         \
	{                                                                     \
		n, PK_TF_FILES, PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH, p, \
			w, NULL, false                                        \
	}
#define WRITE(n, p, w)                                                        \
	{                                                                     \
		n, PK_TF_FILES, PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH, p, \
			w, NULL, true                                         \
	}
#define INPUT(n, p)                                                            \
	{                                                                      \
		n, PK_TF_INPUTS, PK_RULE_TENSORFLOW_INPUT_OPERATOR, PK_MEDIUM, \
			p, "reads data files", NULL, false                     \
	}
#define SAVED(n, p, w, writes)                                                \
	{                                                                     \
		n, PK_TF_SAVED, PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH, p, \
			w, NULL, writes                                       \
	}
#define PYTHON(n)                                                             \
	{                                                                     \
		n, PK_TF_PYTHON, PK_RULE_TENSORFLOW_PYTHON_OPERATOR, PK_HIGH, \
			-1, "calls a Python function of the loading process", \
			"token", false                                        \
	}
#define NETWORK(n, p, w)                                               \
	{                                                              \
		n, PK_TF_NETWORK, PK_RULE_TENSORFLOW_NETWORK_OPERATOR, \
			PK_HIGH, p, w, NULL, false                     \
	}
#define PROCESS(n, w)                                                  \
	{                                                              \
		n, PK_TF_PROCESS, PK_RULE_TENSORFLOW_PROCESS_OPERATOR, \
			PK_HIGH, -1, w, NULL, false                    \
	}
#define DEBUG(n)                                                               \
	{                                                                      \
		n, PK_TF_DEBUG, PK_RULE_TENSORFLOW_NETWORK_OPERATOR, PK_HIGH,  \
			-1, "sends what passes through it", "debug_urls", true \
	}
#define ENGINE(n, a)                                                    \
	{                                                               \
		n, PK_TF_ENGINE, PK_RULE_TENSORFLOW_ENGINE, PK_LOW, -1, \
			"holds or names a compiled program", a, false   \
	}

/* tensorflow/core/ops/ *.cc. */
static const struct pk_tf_op ops[] = {
	NETWORK("BigQueryReader", -1, "reads tables of a cloud service"),
	INPUT("CSVDataset", 0),
	INPUT("CSVDatasetV2", 0),
	SAVED("CacheDataset", 1, "writes and reads a file", true),
	SAVED("CacheDatasetV2", 1, "writes and reads a file", true),
	NETWORK("CloudBigtableClient", -1, "reads tables of a cloud service"),
	SAVED("CreateSummaryDbWriter", 1, "writes a database", true),
	SAVED("CreateSummaryFileWriter", 1, "writes event files", true),
	NETWORK("DataServiceDataset", 2, "connects to a data service"),
	NETWORK("DataServiceDatasetV2", 2, "connects to a data service"),
	NETWORK("DataServiceDatasetV3", 2, "connects to a data service"),
	NETWORK("DataServiceDatasetV4", 2, "connects to a data service"),
	{ "DatasetFromGraph", PK_TF_GRAPH, PK_RULE_TENSORFLOW_HIDDEN_GRAPH,
	  PK_HIGH, 0, "runs a graph that a string holds", NULL, false },
	WRITE("DatasetToTFRecord", 1, "writes a file"),
	DEBUG("DebugIdentity"),
	DEBUG("DebugIdentityV2"),
	DEBUG("DebugIdentityV3"),
	DEBUG("DebugNanCount"),
	DEBUG("DebugNumericSummary"),
	DEBUG("DebugNumericSummaryV2"),
	PROCESS("DecodeAudio", "starts ffmpeg"),
	PROCESS("DecodeAudioV2", "starts ffmpeg"),
	PROCESS("DecodeVideo", "starts ffmpeg"),
	WRITE("DistributedSave", 1, "writes files"),
	PYTHON("EagerPyFunc"),
	PROCESS("EncodeAudio", "starts ffmpeg"),
	PROCESS("ExecuteOp", "is named after running something"),
	INPUT("ExperimentalCSVDataset", 0),
	WRITE("ExperimentalDatasetToTFRecord", 1, "writes a file"),
	INPUT("ExperimentalLMDBDataset", 0),
	READ("ExperimentalSqlDataset", 1, "opens a database and runs SQL"),
	NETWORK("FileSystemSetConfiguration", -1,
		"changes how remote files are reached"),
	INPUT("FixedLengthRecordDataset", 0),
	INPUT("FixedLengthRecordDatasetV2", 0),
	NETWORK("GcsConfigureBlockCache", -1,
		"changes how remote files are reached"),
	NETWORK("GcsConfigureCredentials", -1,
		"changes how remote files are reached"),
	SAVED("GenerateVocabRemapping", 0, "reads a file", false),
	{ "ImmutableConst", PK_TF_SAVED, PK_RULE_TENSORFLOW_FILE_OPERATOR,
	  PK_HIGH, -1, "maps a file into memory", "memory_region_name", false },
	READ("ImportEvent", 1, "writes what it is given to event files"),
	SAVED("InitializeTableFromTextFile", 1, "reads a file", false),
	SAVED("InitializeTableFromTextFileV2", 1, "reads a file", false),
	SAVED("InitializeTRTResource", 1, "loads a compiled program", false),
	INPUT("LMDBDataset", 0),
	INPUT("LMDBReader", -1),
	SAVED("LoadAndRemapMatrix", 0, "reads a checkpoint", false),
	READ("LoadDataset", 0, "reads files"),
	PROCESS("LoadLibrary", "is named after loading a library"),
	READ("MatchingFiles", 0, "lists files"),
	READ("MatchingFilesDataset", 0, "lists files"),
	SAVED("MergeV2Checkpoints", 0, "writes and deletes files", true),
	{ "PrintV2", PK_TF_PRINT, PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH, -1,
	  "appends to a file", "output_stream", true },
	PROCESS("PyCall", "is named after calling Python"),
	PYTHON("PyFunc"),
	PYTHON("PyFuncStateless"),
	READ("ReadFile", 0, "reads a file"),
	NETWORK("RegisterDataset", 1, "sends its graph to a data service"),
	NETWORK("RegisterDatasetV2", 1, "sends its graph to a data service"),
	PROCESS("RemoteFusedGraphExecute", "hands a graph to an executor"),
	SAVED("Restore", 0, "reads a checkpoint", false),
	SAVED("RestoreSlice", 0, "reads a checkpoint", false),
	SAVED("RestoreV2", 0, "reads a checkpoint", false),
	NETWORK("Rpc", 0, "calls a server"),
	NETWORK("RpcCall", -1, "calls a server"),
	NETWORK("RpcClient", 0, "connects to a server"),
	NETWORK("RpcServer", 0, "opens a server"),
	NETWORK("RpcServerRegister", -1, "opens a server"),
	NETWORK("RpcServerStart", -1, "opens a server"),
	SAVED("Save", 0, "writes a checkpoint", true),
	WRITE("SaveDataset", 1, "writes files"),
	WRITE("SaveDatasetV2", 1, "writes files"),
	SAVED("SaveSlices", 0, "writes a checkpoint", true),
	SAVED("SaveV2", 0, "writes a checkpoint", true),
	WRITE("SerializeTRTResource", 1, "writes a file"),
	SAVED("ShardedFilename", 0, "names files to write", true),
	PROCESS("ShellExecute", "is named after running a shell"),
	{ "Skipgram", PK_TF_SAVED, PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH,
	  -1, "reads a file", "filename", false },
	WRITE("SnapshotDataset", 1, "writes and reads files"),
	WRITE("SnapshotDatasetV2", 1, "writes and reads files"),
	READ("SqlDataset", 1, "opens a database and runs SQL"),
	PROCESS("SystemConfig", "is named after the system"),
	INPUT("TFRecordDataset", 0),
	INPUT("TFRecordDatasetV2", 0),
	INPUT("TFRecordReader", -1),
	INPUT("TFRecordReaderV2", -1),
	ENGINE("TRTEngineOp", "serialized_segment"),
	INPUT("TextLineDataset", 0),
	INPUT("TextLineReader", -1),
	INPUT("TextLineReaderV2", -1),
	NETWORK("TryRpc", 0, "calls a server"),
	INPUT("WholeFileReader", -1),
	INPUT("WholeFileReaderV2", -1),
	WRITE("WriteFile", 0, "writes a file"),
	SAVED("WriteGraphSummary", -1, "writes event files", true),
	SAVED("WriteRawProtoSummary", -1, "writes event files", true),
	ENGINE("XlaCallModule", "module"),
	ENGINE("XlaCustomCall", "target_name"),
	ENGINE("XlaCustomCallV2", "call_target_name"),
};

/* Packages whose operators all reach remote files. */
static const struct pk_tf_op io_package =
	NETWORK("IO>", -1, "reaches remote files or services");

const struct pk_tf_op *pk_tf_op(struct pk_span name)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (name.len && name.p[0] == (uint8_t)ops[i].name[0] &&
		    name.len == strlen(ops[i].name) &&
		    memcmp(name.p, ops[i].name, name.len) == 0)
			return &ops[i];
	}
	if (pk_span_starts(name, PK_LIT("IO>")))
		return &io_package;
	return NULL;
}
