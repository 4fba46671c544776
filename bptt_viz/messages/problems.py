"""What is said of a wrong scenario file. Messages only: imports nothing but messages, no logic.

Most are the halves of one sentence, ``expected …, found …``, so they start in lower case and have no full stop.
"""

from typing import Final

from bptt_viz.messages.weights import WEIGHTS

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    **WEIGHTS,
    "problem.at": ("{where}: {sentence}", "{where}：{sentence}"),
    "problem.sentence": ("expected {expected}, found {found}", "要求{expected}，实际为{found}"),
    # What was found is a clause in Chinese.
    "problem.clause": ("expected {expected}, found {found}", "{found}；要求{expected}"),
    "problem.missing": ("{found}; expected {expected}", "{found}；要求{expected}"),
    "place.line": ("line {line}, column {column}", "第 {line} 行第 {column} 列"),
    # The file itself.
    "expected.file": ("a scenario file", "场景文件"),
    "expected.file_or_name": (
        "a file, or the name of a scenario (the nearest is {nearest}; `bptt-viz list` shows all)",
        "文件，或场景名（最接近的是 {nearest}；`bptt-viz list` 列出全部）",
    ),
    "expected.file_or_listed": (
        "a file, or the name of a scenario (`bptt-viz list` shows all)",
        "文件，或场景名（`bptt-viz list` 列出全部）",
    ),
    "expected.readable": ("a readable file", "可以读取的文件"),
    "expected.size": ("a file of at most {limit} MiB", "不超过 {limit} MiB 的文件"),
    "expected.utf_8": ("UTF-8 text", " UTF-8 编码的文本"),
    "expected.toml": ("valid TOML", "合法的 TOML"),
    "expected.flat": ("a few levels of tables and arrays", "层数不多的表和数组"),
    "expected.short_key": ("a dotted key of at most {limit} parts", "不超过 {limit} 段的点分键"),
    "expected.fewer_problems": ("at most {limit} problems", "不超过 {limit} 处错误"),
    "found.no_file": ("no such file", "文件不存在"),
    "found.no_such_name": ("no file or scenario of this name", "没有这个名称"),
    "found.folder": ("a folder", "文件夹"),
    "found.device": ("a device or a pipe", "设备或管道"),
    "found.no_permission": ("no permission to read it", "没有读取权限"),
    "found.reason": ("the error: {reason}", "错误：{reason}"),
    "found.bytes": ("{size:,} bytes", "{size:,} 字节"),
    "found.binary": ("binary data (a NUL at byte {offset})", "二进制数据（第 {offset} 字节处为 NUL）"),
    "found.utf_16": ("UTF-16", " UTF-16"),
    "found.byte": ("the byte {byte} at offset {offset}", "偏移 {offset} 处的字节 {byte}"),
    "found.nested": ("arrays or inline tables nested too deeply to read", "嵌套过深、无法读取的数组或内联表"),
    "found.long_key": ("a longer one", "更长的键"),
    "found.digits": ("one with thousands of digits", "有数千位的数"),
    "found.more_problems": ("more; the rest is not listed", "更多，其余不再列出"),
    # TOML syntax.
    "syntax.twice": ("a key or table that is already defined", "键或表已经定义过"),
    "syntax.escape": ("an invalid escape sequence in a string", "字符串中有非法转义"),
    "syntax.equals": ("a key without = after it", "键的后面没有 ="),
    "syntax.header": ("a table header without its closing bracket", "表头没有右方括号"),
    "syntax.after": ("something more on the line, after the value", "值之后有多余内容"),
    "syntax.date": ("an impossible date or time", "日期或时间不存在"),
    "syntax.key": ("a character that cannot start a key", "此字符不能作为键的开头"),
    "syntax.statement": ("neither `key = value` nor `[table]`", "既非 `键 = 值`，也非 `[表]`"),
    "syntax.value": ("no valid value", "值不合法"),
    "syntax.array": ("an array that is not closed", "数组没有结束"),
    "syntax.inline_table": ("an inline table that is not closed", "内联表没有结束"),
    "syntax.string": ("a string that is not closed", "字符串没有结束"),
    "syntax.character": ("the character {detail}, which is not allowed here", "此处不允许字符 {detail}"),
    "syntax.other": ("an error: {detail}", "错误：{detail}"),
    # Types.
    "expected.text": ("text in quotes", "带引号的文本"),
    "expected.texts": ("an array of texts in quotes", "由带引号的文本组成的数组"),
    "expected.translated": ("text in quotes, or a table of `en` and `zh`", "带引号的文本，或含 `en` 和 `zh` 的表"),
    "expected.truth": ("true or false", " true 或 false"),
    "expected.integer": ("a whole number", "整数"),
    "expected.integer_in": ("a whole number in {interval}", "区间 {interval} 内的整数"),
    "expected.integer_from": ("a whole number from {least} to {most}", " {least} 到 {most} 之间的整数"),
    "expected.positive_integer": ("a positive whole number (at most {most})", "正整数（不超过 {most}）"),
    "expected.any_number": ("a number", "一个数"),
    "expected.any_number_in": ("a number in {interval}", "区间 {interval} 内的数"),
    "expected.number": ("a finite number", "有限的数"),
    "expected.number_in": ("a finite number in {interval}", "区间 {interval} 内的有限数"),
    "expected.numbers": ("an array of numbers", "由数组成的数组"),
    "expected.number_or_numbers": ("a number, or an array of numbers", "数，或由数组成的数组"),
    "expected.vector_or_matrix": ("an array of numbers, or of rows of numbers", "由数或由数的各行组成的数组"),
    "expected.item": ("a symbol in quotes, or an array of numbers", "带引号的符号，或由数组成的数组"),
    "expected.items": (
        "an array of symbols in quotes, or of arrays of numbers",
        "由带引号的符号或由数的数组组成的数组",
    ),
    "expected.table": ("a table", "表"),
    "expected.choice": ("one of {choices}", "以下之一：{choices}"),
    "found.written": ("{value}", " {value}"),
    "found.huge": ("a whole number of {bits} bits", " {bits} 位的二进制整数"),
    "found.table": ("a table", "表"),
    "found.array": ("an array of length {length}", "长度为 {length} 的数组"),
    "found.empty_array": ("an empty array", "空数组"),
    "found.date": ("the date or time {value}", "日期或时间 {value}"),
    "found.nothing": ("missing", "缺少此项"),
    # Keys.
    "expected.keys": ('a key such as "n" or "right", or a list of them', '一个按键（如 "n"、"right"）或按键列表'),
    "expected.free_key": ("keys that no other command has", "未被其他命令占用的按键"),
    "found.key_taken": ("{pressed}, which is {command}", "{pressed}，已用于 {command}"),
    "expected.bundled": (
        "the name of a bundled scenario (the nearest is {nearest})",
        "自带场景的名称（最接近的是 {nearest}）",
    ),
    "expected.bundled_listed": (
        "the name of a bundled scenario (`bptt-viz list` shows them)",
        "自带场景的名称（见 `bptt-viz list`）",
    ),
    "expected.key": ("a known key (the nearest is {nearest})", "已知的键（最接近的是 {nearest}）"),
    "expected.key_elsewhere": ("this key at {path}", "写在 {path} 处的键"),
    "expected.no_key": ("no key here", "此处没有键"),
    # The sequence.
    "expected.one_form": (
        "either `tokens`, or `inputs` and `targets`",
        " `tokens`，或者 `inputs` 加 `targets`，二者取一",
    ),
    "expected.other_side": ("an array as long as {other}", "与 {other} 等长的数组"),
    "expected.tokens": (
        "at least 2 symbols (each is the target of the one before)",
        "至少 2 个符号（后一个是前一个的目标）",
    ),
    "expected.symbol": ("a symbol of at least one character", "至少含一个字符的符号"),
    "expected.symbols": ("at least one symbol, or no vocabulary at all", "至少一个符号，或者不写词表"),
    "expected.new_symbol": ("every symbol once", "每个符号只出现一次"),
    "expected.in_vocabulary": (
        "a symbol of the vocabulary (the nearest is {nearest})",
        "词表中的符号（最接近的是 {nearest}）",
    ),
    "expected.steps": ("at least one step", "至少一个时间步"),
    "expected.as_many": (
        "as many items as in sequence.inputs, {length}",
        "与 sequence.inputs 一样多的项，即 {length} 项",
    ),
    "expected.same_kind": ("{kind}, like {first}", "{kind}，与 {first} 一致"),
    "expected.any_input": (
        "at least one input, or a vocabulary, to tell the input size",
        "至少一个输入或一个词表，以便确定输入维数",
    ),
    "expected.any_target": (
        "at least one target, or a vocabulary, to tell the output size",
        "至少一个目标或一个词表，以便确定输出维数",
    ),
    "expected.state": ("an array of {size} numbers (hidden_size)", "由 {size} 个数组成的数组（hidden_size）"),
    "expected.states": (
        "one list for each of the {layers} layers, of {size} numbers (hidden_size)",
        " {layers} 层各写一个列表，每个含 {size} 个数（hidden_size）",
    ),
    "kind.symbol": ("a symbol in quotes", "带引号的符号"),
    "kind.vector": ("an array of length {length}", "长度为 {length} 的数组"),
    "found.neither": ("none of them", "二者皆无"),
    "found.again": ("{value} again, as in {where}", "与 {where} 重复的 {value}"),
    "found.only_empty": ("nothing but empty items", "全部为空项"),
    # Targets and the loss.
    "expected.cross_entropy": (
        "a probability distribution (numbers ≥ 0 that sum to 1) for cross_entropy",
        "交叉熵 cross_entropy 所需的概率分布（各数 ≥ 0，和为 1）",
    ),
    "expected.binary_cross_entropy": (
        "numbers in [0, 1] for binary_cross_entropy",
        "二元交叉熵 binary_cross_entropy 所需的 [0, 1] 内的数",
    ),
    "found.sum": ("the sum {total}", "总和 {total}"),
    # The network.
    "expected.only_for_cell": (
        'this key only for cell = "{owner}" (here it is "{cell}")',
        '仅在 cell = "{owner}" 时才有的键（此处 cell 为 "{cell}"）',
    ),
    "expected.layers": ("at most {most} layers", "不超过 {most} 层"),
    "expected.decoder_from": (
        "a step from 2 to {steps}, the last one of the sequence",
        "2 到 {steps} 之间的时间步（{steps} 是序列的最后一步）",
    ),
    "expected.decoder_steps": (
        "at least 2 steps in the sequence, for an encoder and a decoder",
        "序列至少有 2 个时间步（编码器、解码器各至少一步）",
    ),
    "expected.no_bias": ("no bias, as network.bias is false", "不给出偏置（network.bias 为 false）"),
    "expected.parameter": (
        "a parameter of this network, {known} (the nearest is {nearest})",
        "此网络的参数 {known}（最接近的是 {nearest}）",
    ),
    "expected.layer_of_name": (
        "layer {layers} at most, as network.layers is {layers} (the nearest is {nearest})",
        "层号不超过 {layers}（network.layers 为 {layers}；最接近的是 {nearest}）",
    ),
    "expected.decoder_of_name": (
        "names in _dec only with sequence.decoder_from (the nearest is {nearest})",
        "仅在给出 sequence.decoder_from 时才有以 _dec 结尾的参数（最接近的是 {nearest}）",
    ),
    "expected.reset_of_name": (
        'this parameter only with network.reset = "after" (the nearest is {nearest})',
        '仅在 network.reset = "after" 时才有的参数（最接近的是 {nearest}）',
    ),
    "found.rows_and_numbers": ("rows and single numbers mixed", "行与单个的数混杂"),
    "found.ragged": ("rows of unequal lengths ({widths})", "长短不一的行（{widths}）"),
    "found.matrix": ("a {shape} matrix", " {shape} 的矩阵"),
    "found.vector": ("a vector of length {length}", "长度为 {length} 的向量"),
    "expected.fits_memory": (
        "a scenario of at most {limit} numbers in memory",
        "内存中不超过 {limit} 个数的场景",
    ),
    "found.numbers": ("{count} ({sizes})", " {count} 个（{sizes}）"),
    # A file to be written.
    "expected.new_file": ("a name that no file has yet", "尚未使用的文件名"),
    "expected.writable": ("a place where a file can be written", "可以写入文件的位置"),
    "found.existing": ("a file that is there already", "文件已存在"),
    # Backpropagation through time.
    "expected.length_for": ("a whole number of steps for strategy {strategy}", "步数（整数），策略 {strategy} 需要它"),
    "expected.length_only": (
        "this key only for window and segments (the strategy is {strategy})",
        "仅用于 window 和 segments 的键（此处策略为 {strategy}）",
    ),
    "expected.randomness": (
        "`probability` or `xi` for strategy randomized",
        "策略 randomized 所需的 `probability` 或 `xi`",
    ),
    "expected.randomized_only": (
        "this key only for randomized (the strategy is {strategy})",
        "仅用于 randomized 的键（此处策略为 {strategy}）",
    ),
    "expected.xi": ("{steps} numbers, one per step", " {steps} 个数，每个时间步一个"),
}
