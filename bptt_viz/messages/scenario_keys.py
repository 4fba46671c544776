"""What each key of a scenario file means, for the JSON Schema and the template. Messages only: no imports, no logic."""

from typing import Final

#: ``key.`` and the key's path → its meaning.
SCENARIO_KEYS: Final[dict[str, tuple[str, str]]] = {
    "key.title": (
        'What the scenario is called. Any text can also be given in both languages, as {{ en = "...", zh = "..." }}.',
        '场景的标题。所有文本都可以写成双语：{{ en = "...", zh = "..." }}。',
    ),
    "key.title.en": ("The text in English.", "英文文本。"),
    "key.title.zh": ("The text in Chinese.", "中文文本。"),
    "key.description": ("What can be seen or derived here.", "从中能看到或推导出什么。"),
    "key.sequence": (
        "What the network reads and what it should say: either tokens, or inputs with targets.",
        "网络读入什么、应当输出什么：写 tokens，或者写 inputs 加 targets。",
    ),
    "key.sequence.tokens": (
        "A language model: the input at step t is the t-th token, the target is the next one.",
        "语言模型：第 t 步的输入是第 t 个词，目标是下一个词。",
    ),
    "key.sequence.vocabulary": (
        "All symbols, in the order of the one-hot vectors; without it, the distinct symbols in order of appearance.",
        "全部符号，顺序即独热向量的分量顺序；不写则按出现次序取互不相同的符号。",
    ),
    "key.sequence.inputs": (
        'One input per step, symbols or vectors of equal length; "" or [] is no input here, the zero vector.',
        '每个时间步一个输入，符号或等长的向量；"" 或 [] 表示此步没有输入，即零向量。',
    ),
    "key.sequence.targets": (
        'One target per step, symbols or vectors of equal length; "" or [] is no target here, no loss at this step.',
        '每个时间步一个目标，符号或等长的向量；"" 或 [] 表示此步没有目标，不计损失。',
    ),
    "key.sequence.initial_state": (
        "The hidden state h₀, hidden_size numbers (with several layers, one list for each); without it, zeros.",
        "初始隐藏状态 h₀，共 hidden_size 个数（多层时每层一个列表）；不写则为零。",
    ),
    "key.sequence.decoder_from": (
        "From this step on (encoder–decoder) the cells use a second set of parameters, whose names end in _dec.",
        "从这一步起（编码器–解码器），循环单元改用另一组参数，参数名以 _dec 结尾。",
    ),
    "key.network": ("The recurrent network.", "循环神经网络。"),
    "key.network.hidden_size": ("H, the number of hidden units.", "H，隐藏单元的个数。"),
    "key.network.cell": ("The kind of cell.", "循环单元的种类。"),
    "key.network.layers": (
        "Layers, each reading the hidden states of the one below.",
        "层数，每层读入其下方一层的隐藏状态。",
    ),
    "key.network.activation": ("φ in h = φ(a); for rnn only.", "h = φ(a) 中的 φ；仅用于 rnn。"),
    "key.network.bias": ("Whether there are the biases b and c.", "是否有偏置 b 和 c。"),
    "key.network.reset": (
        "Whether the reset gate acts before or after the matrix product; for gru only.",
        "重置门作用在矩阵乘法之前（before）还是之后（after）；仅用于 gru。",
    ),
    "key.network.weights": (
        "A .npz or .safetensors file with parameters, by this program's names or PyTorch's; those given below win.",
        "存放参数的 .npz 或 .safetensors 文件，可用本程序或 PyTorch 的参数名；下面给出的参数优先。",
    ),
    "key.network.initial": (
        "How parameters that are not given below are drawn; biases start at 0.",
        "下面没有给出的参数如何随机生成；偏置从 0 开始。",
    ),
    "key.network.initial.method": ("The distribution, or the kind of matrix.", "分布，或矩阵的种类。"),
    "key.network.initial.scale": (
        "Half-width for uniform, standard deviation for normal (both 0.5 if not given), a factor for the others (1).",
        "对 uniform 是半宽，对 normal 是标准差（不写都是 0.5），对其余是系数（不写为 1）。",
    ),
    "key.network.initial.seed": ("Seed of the random numbers.", "随机数种子。"),
    "key.network.parameters": (
        "Parameters by name, row by row: U acts on the input, W on the hidden state before, V makes the output.",
        "按名称给出参数，逐行书写：U 作用于输入，W 作用于上一步的隐藏状态，V 把隐藏状态变成输出。",
    ),
    "key.loss": ("How predictions are judged.", "如何评判预测。"),
    "key.loss.kind": (
        "The loss; without it, cross_entropy for symbols and squared_error for numbers.",
        "损失函数；不写时，符号用 cross_entropy，数用 squared_error。",
    ),
    "key.loss.reduction": (
        "Whether L is the sum of the step losses or their mean over the steps with a target.",
        "L 是各步损失之和（sum），还是对有目标的各步取平均（mean）。",
    ),
    "key.backward": (
        "Which terms backpropagation through time keeps.",
        "随时间反向传播保留哪些项。",
    ),
    "key.backward.strategy": (
        "full keeps all terms, window the latest steps; segments cuts into pieces, randomized at random, unbiased.",
        "full 保留全部，window 只保留最近几步，segments 把序列分段截断，randomized 随机截断且无偏。",
    ),
    "key.backward.length": ("Steps of a window or of a segment.", "窗口或分段的步数。"),
    "key.backward.probability": (
        "π, the probability that ξ_t is 1/π and not 0; for randomized.",
        "π，即 ξ_t 取 1/π 而非 0 的概率；用于 randomized。",
    ),
    "key.backward.seed": ("Seed of the random ξ_t.", "随机 ξ_t 的种子。"),
    "key.backward.xi": (
        "ξ_1..ξ_T themselves instead of random ones (ξ_1 is not used); for randomized; counts before probability.",
        "直接给出 ξ_1..ξ_T，不再随机（ξ_1 不用）；用于 randomized；与 probability 同时给出时以此为准。",
    ),
    "key.update": ("One step of gradient descent.", "一步梯度下降。"),
    "key.update.learning_rate": ("η in θ − η ∇θ.", "θ − η ∇θ 中的学习率 η。"),
    "key.update.clip": ("Gradient clipping; without it, none.", "梯度裁剪；不写则不裁剪。"),
    "key.update.clip.kind": (
        "norm scales all gradients together, value limits every entry.",
        "norm 把所有梯度一起按范数缩小，value 逐个分量限幅。",
    ),
    "key.update.clip.threshold": ("The largest norm, or the largest entry.", "范数的上限，或分量的上限。"),
    "key.lecture": ("How the app opens.", "程序以何种方式打开。"),
    "key.lecture.notation": ("Whose symbols are written.", "采用哪本书的记号。"),
    "key.lecture.language": ("The language of the screen.", "界面语言。"),
    "key.lecture.beside": (
        "Bundled scenarios whose gradients are drawn beside this one's.",
        "把哪些自带场景的梯度画在一起作对照。",
    ),
}
