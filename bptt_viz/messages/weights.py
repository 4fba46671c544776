"""What is said of weights files, as halves of a sentence. Messages only: no imports, no logic."""

from typing import Final

WEIGHTS: Final[dict[str, tuple[str, str]]] = {
    "expected.weights_path": (
        "the path of a .npz or .safetensors file in the scenario's own folder or below it",
        "场景文件所在文件夹内（含子文件夹）的 .npz 或 .safetensors 文件的路径",
    ),
    "expected.own_folder": ("no path in a scenario that is in no file", "场景不在文件中时不写路径"),
    "expected.weights_file": ("a weights file", "权重文件"),
    "expected.npz": ("a NumPy archive (.npz)", " NumPy 的 .npz 存档"),
    "expected.safetensors": ("a safetensors file", " safetensors 文件"),
    "expected.few_entries": ("at most {limit:,} arrays", "不超过 {limit:,} 个数组"),
    "expected.any_entry": ("at least one array", "至少一个数组"),
    "expected.few_numbers": ("at most {limit:,} numbers from a file", "文件中取用的数不超过 {limit:,} 个"),
    "expected.npy": ("an array in NumPy's format (.npy)", " NumPy 的 .npy 格式的数组"),
    "expected.tensor": (
        "`dtype`, `shape` and `data_offsets` of an array",
        "数组的 `dtype`、`shape` 和 `data_offsets`",
    ),
    "expected.floats": ("floating-point numbers ({kinds})", "浮点数（{kinds}）"),
    "expected.bytes": ("{size:,} bytes for the shape {shape}", "形状 {shape} 所需的 {size:,} 字节"),
    "expected.weights_entry": (
        "a name that this network has a place for (the nearest is {nearest})",
        "此网络中有对应参数的名称（最接近的是 {nearest}）",
    ),
    "expected.weights_listed": (
        "a name that this network has a place for, {known}",
        "此网络中有对应参数的名称：{known}",
    ),
    "expected.no_embedding": (
        "no embedding E: one-hot inputs and U = W_ih Eᵀ are the same network",
        "不含嵌入矩阵 E 的网络（改用独热输入并令 U = W_ih Eᵀ，二者等价）",
    ),
    "expected.no_normalization": ("a network without normalization layers", "没有归一化层的网络"),
    "expected.size_of_weights": (
        "a hidden size of {size} (network.hidden_size)",
        "隐藏单元数为 {size} 的权重（network.hidden_size）",
    ),
    "expected.cell_of_weights": (
        'weights of cell = "{cell}" (network.cell)',
        ' cell = "{cell}" 的权重（network.cell）',
    ),
    "expected.one_source": ("one array for {parameter}", " {parameter} 只对应一个数组"),
    "expected.one_module": (
        "names of one recurrent module, beginning with {prefix}",
        "同一个循环模块的名称，以 {prefix} 开头",
    ),
    "expected.whole_module": ("{name} too", "另有 {name}"),
    "expected.one_output_layer": (
        "nothing besides the recurrent layers but one linear layer, for V and c",
        "循环层之外只有一个线性层（即 V 与 c）",
    ),
    "expected.layer_of_weights": (
        "no layer beyond l{last}, as network.layers is {layers}",
        "不超过 l{last} 的层（network.layers 为 {layers}）",
    ),
    "expected.one_direction": (
        "a network that reads in one direction (bidirectional = False)",
        "单向的网络（bidirectional = False）",
    ),
    "expected.no_projection": ("a network without projections (proj_size = 0)", "没有投影的网络（proj_size = 0）"),
    "expected.reset_after": (
        'reset = "after", which is how PyTorch\'s GRU, where the weights come from, computes',
        ' reset = "after"（权重来自 PyTorch 的 GRU，其重置门作用在矩阵乘法之后）',
    ),
    "expected.zero_bias": (
        "no bias, or zeros, as network.bias is false",
        "没有偏置，或偏置为零（network.bias 为 false）",
    ),
    "found.leads_out": ("{value}, a link that leads out of it", " {value}，这个链接指向文件夹之外"),
    "found.damaged": ("damaged data, or data of another format", "损坏的数据，或其他格式的数据"),
    "found.empty_file": ("an empty file", "空文件"),
    "found.ends_early": ("a file that ends early", "不完整的文件（中途结束）"),
    "found.pytorch": (
        "a PyTorch .pt file (pickle), which is never read; save it as safetensors",
        "从不读取的 PyTorch .pt 文件（pickle），请另存为 safetensors",
    ),
    "found.not_in_file": ("nothing", "文件中没有"),
    "found.nothing_at": ("no such file: {path}", "文件不存在：{path}"),
    "found.and_more": ("{found}, and {count} more like it ({names})", "{found}；另有 {count} 处同类错误（{names}）"),
    "found.size_by": ("{size} ({name} is {shape})", " {size}（{name} 为 {shape}）"),
    "found.blocks": ("{count} blocks of rows in {name}: {cell}", " {name} 的行分为 {count} 块，属于{cell}"),
    "found.one_block": ("{count} block of rows in {name}: {cell}", " {name} 的行只有 {count} 块，属于{cell}"),
    "whose.rnn": ("a plain RNN's", "普通 RNN"),
    "whose.lstm": ("an LSTM's", " LSTM"),
    "whose.gru": ("a GRU's", " GRU"),
    "found.pickled": ("pickled Python objects, which are never read", "从不读取的 pickle 对象"),
    "found.count": ("{count:,}", " {count:,} 个"),
    "found.single": ("a single number", "单个数"),
    "found.infinite_sum": (
        "a sum of two biases beyond float64, {parameter}",
        "两个偏置之和 {parameter} 超出 float64 的范围",
    ),
}
