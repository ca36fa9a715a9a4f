"""The sources of everything on the pages, and the tutorial's own list of links put right."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Reference(NamedTuple):
    """A source: `pages` use it, `link` is where it is read (arXiv where there is one)."""

    key: str
    authors: str
    year: int
    title: str
    where: str
    pages: tuple[str, ...]
    arxiv: str = ""
    doi: str = ""

    @property
    def link(self) -> str:
        """The address at which it is read, empty where none is known to us."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def people(self) -> str:
        """The surnames of the authors as they are cited, “Kingma & Ba”, “Chen et al.”."""
        names = [author.split(",")[0].strip() for author in self.authors.split(" and ")]
        if len(names) > 2 or names[1:] == ["others"]:
            return f"{names[0]} et al."
        return " & ".join(names)


class WrongLink(NamedTuple):
    """A link of the tutorial: what it claims to be, what is there, and where the paper is."""

    arxiv: str
    claimed: str
    found: str
    right: str


TEXTBOOKS = (
    Reference(
        "nocedal2006",
        "Nocedal, Jorge and Wright, Stephen J.",
        2006,
        "Numerical Optimization",
        "Springer, 2nd edition",
        ("descent", "race"),
        doi="10.1007/978-0-387-40065-5",
    ),
    Reference(
        "boyd2004",
        "Boyd, Stephen and Vandenberghe, Lieven",
        2004,
        "Convex Optimization",
        "Cambridge University Press",
        ("descent", "race"),
        doi="10.1017/CBO9780511804441",
    ),
    Reference(
        "hastie2009",
        "Hastie, Trevor and Tibshirani, Robert and Friedman, Jerome",
        2009,
        "The Elements of Statistical Learning",
        "Springer, 2nd edition",
        ("regression",),
        doi="10.1007/978-0-387-84858-7",
    ),
    Reference(
        "goodfellow2016",
        "Goodfellow, Ian and Bengio, Yoshua and Courville, Aaron",
        2016,
        "Deep Learning",
        "MIT Press",
        ("backprop", "race"),
    ),
    Reference(
        "davis1984",
        "Davis, Philip J. and Rabinowitz, Philip",
        1984,
        "Methods of Numerical Integration",
        "Academic Press, 2nd edition",
        ("integration",),
    ),
    Reference(
        "robert2004",
        "Robert, Christian P. and Casella, George",
        2004,
        "Monte Carlo Statistical Methods",
        "Springer, 2nd edition",
        ("importance", "mcmc"),
        doi="10.1007/978-1-4757-4145-2",
    ),
    Reference(
        "amari2000",
        "Amari, Shun-ichi and Nagaoka, Hiroshi",
        2000,
        "Methods of Information Geometry",
        "American Mathematical Society and Oxford University Press",
        ("geometry", "natural_gradient"),
        doi="10.1090/mmono/191",
    ),
)

_DESCEND = ("descent", "race")
PAPERS = (
    Reference(
        "cauchy1847",
        "Cauchy, Augustin-Louis",
        1847,
        "Méthode générale pour la résolution des systèmes d'équations simultanées",
        "Comptes Rendus de l'Académie des Sciences 25, 536-538",
        _DESCEND,
    ),
    Reference(
        "polyak1964",
        "Polyak, Boris T.",
        1964,
        "Some methods of speeding up the convergence of iteration methods",
        "USSR Computational Mathematics and Mathematical Physics 4(5), 1-17",
        _DESCEND,
        doi="10.1016/0041-5553(64)90137-5",
    ),
    Reference(
        "nesterov1983",
        "Nesterov, Yurii",
        1983,
        "A method of solving a convex programming problem with convergence rate O(1/k²)",
        "Soviet Mathematics Doklady 27, 372-376",
        _DESCEND,
    ),
    Reference(
        "sutskever2013",
        "Sutskever, Ilya and Martens, James and Dahl, George and Hinton, Geoffrey",
        2013,
        "On the importance of initialization and momentum in deep learning",
        "ICML, PMLR 28(3), 1139-1147",
        _DESCEND,
    ),
    Reference(
        "armijo1966",
        "Armijo, Larry",
        1966,
        "Minimization of functions having Lipschitz continuous first partial derivatives",
        "Pacific Journal of Mathematics 16(1), 1-3",
        _DESCEND,
        doi="10.2140/pjm.1966.16.1",
    ),
    Reference(
        "kiefer1953",
        "Kiefer, Jack",
        1953,
        "Sequential minimax search for a maximum",
        "Proceedings of the American Mathematical Society 4(3), 502-506",
        ("descent",),
        doi="10.1090/S0002-9939-1953-0055639-3",
    ),
    Reference(
        "goh2017",
        "Goh, Gabriel",
        2017,
        "Why Momentum Really Works",
        "Distill",
        _DESCEND,
        doi="10.23915/distill.00006",
    ),
    Reference(
        "bottou2018",
        "Bottou, Léon and Curtis, Frank E. and Nocedal, Jorge",
        2018,
        "Optimization Methods for Large-Scale Machine Learning",
        "SIAM Review 60(2), 223-311",
        ("race", "regression"),
        arxiv="1606.04838",
    ),
    Reference(
        "duchi2011",
        "Duchi, John and Hazan, Elad and Singer, Yoram",
        2011,
        "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
        "Journal of Machine Learning Research 12, 2121-2159",
        ("race", "recommender"),
    ),
    Reference(
        "tieleman2012",
        "Tieleman, Tijmen and Hinton, Geoffrey",
        2012,
        "Lecture 6.5: RMSProp",
        "COURSERA: Neural Networks for Machine Learning",
        ("race",),
    ),
    Reference(
        "graves2013",
        "Graves, Alex",
        2013,
        "Generating Sequences With Recurrent Neural Networks",
        "arXiv (RMSProp, centred)",
        ("race",),
        arxiv="1308.0850",
    ),
    Reference(
        "zeiler2012",
        "Zeiler, Matthew D.",
        2012,
        "ADADELTA: An Adaptive Learning Rate Method",
        "arXiv",
        ("race",),
        arxiv="1212.5701",
    ),
    Reference(
        "kingma2015",
        "Kingma, Diederik P. and Ba, Jimmy",
        2015,
        "Adam: A Method for Stochastic Optimization",
        "ICLR (Adam and AdaMax)",
        (*_DESCEND, "backprop"),
        arxiv="1412.6980",
    ),
    Reference(
        "reddi2018",
        "Reddi, Sashank J. and Kale, Satyen and Kumar, Sanjiv",
        2018,
        "On the Convergence of Adam and Beyond",
        "ICLR (AMSGrad)",
        ("race",),
        arxiv="1904.09237",
    ),
    Reference(
        "loshchilov2019",
        "Loshchilov, Ilya and Hutter, Frank",
        2019,
        "Decoupled Weight Decay Regularization",
        "ICLR (AdamW)",
        ("race",),
        arxiv="1711.05101",
    ),
    Reference(
        "dozat2016",
        "Dozat, Timothy",
        2016,
        "Incorporating Nesterov Momentum into Adam",
        "ICLR Workshop (NAdam)",
        ("race",),
    ),
    Reference(
        "liu2020",
        "Liu, Liyuan and Jiang, Haoming and He, Pengcheng and Chen, Weizhu and Liu, Xiaodong "
        "and Gao, Jianfeng and Han, Jiawei",
        2020,
        "On the Variance of the Adaptive Learning Rate and Beyond",
        "ICLR (RAdam)",
        ("race",),
        arxiv="1908.03265",
    ),
    Reference(
        "riedmiller1993",
        "Riedmiller, Martin and Braun, Heinrich",
        1993,
        "A direct adaptive method for faster backpropagation learning: the RPROP algorithm",
        "IEEE International Conference on Neural Networks, 586-591",
        ("race",),
        doi="10.1109/ICNN.1993.298623",
    ),
    Reference(
        "chen2023",
        "Chen, Xiangning and Liang, Chen and Huang, Da and Real, Esteban and Wang, Kaiyuan "
        "and Liu, Yao and Pham, Hieu and Dong, Xuanyi and Luong, Thang and Hsieh, Cho-Jui "
        "and Lu, Yifeng and Le, Quoc V.",
        2023,
        "Symbolic Discovery of Optimization Algorithms",
        "NeurIPS (Lion)",
        ("race",),
        arxiv="2302.06675",
    ),
    Reference(
        "zaheer2018",
        "Zaheer, Manzil and Reddi, Sashank and Sachan, Devendra and Kale, Satyen and Kumar, Sanjiv",
        2018,
        "Adaptive Methods for Nonconvex Optimization",
        "NeurIPS (Yogi)",
        ("race",),
    ),
    Reference(
        "zhuang2020",
        "Zhuang, Juntang and Tang, Tommy and Ding, Yifan and Tatikonda, Sekhar and Dvornek, Nicha "
        "and Papademetris, Xenophon and Duncan, James S.",
        2020,
        "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients",
        "NeurIPS",
        ("race",),
        arxiv="2010.07468",
    ),
    Reference(
        "luo2019",
        "Luo, Liangchen and Xiong, Yuanhao and Liu, Yan and Sun, Xu",
        2019,
        "Adaptive Gradient Methods with Dynamic Bound of Learning Rate",
        "ICLR (AdaBound)",
        ("race",),
        arxiv="1902.09843",
    ),
    Reference(
        "ma2019",
        "Ma, Jerry and Yarats, Denis",
        2019,
        "Quasi-hyperbolic momentum and Adam for deep learning",
        "ICLR (QHM, QHAdam)",
        ("race",),
        arxiv="1810.06801",
    ),
    Reference(
        "bernstein2018",
        "Bernstein, Jeremy and Wang, Yu-Xiang and Azizzadenesheli, Kamyar and Anandkumar, Anima",
        2018,
        "signSGD: Compressed Optimisation for Non-Convex Problems",
        "ICML",
        ("race",),
        arxiv="1802.04434",
    ),
    Reference(
        "liu1989",
        "Liu, Dong C. and Nocedal, Jorge",
        1989,
        "On the limited memory BFGS method for large scale optimization",
        "Mathematical Programming 45, 503-528",
        ("race",),
        doi="10.1007/BF01589116",
    ),
    Reference(
        "polak1969",
        "Polak, Elijah and Ribière, Gérard",
        1969,
        "Note sur la convergence de méthodes de directions conjuguées",
        "Revue française d'informatique et de recherche opérationnelle 3(16), 35-43",
        ("race",),
    ),
    Reference(
        "nelder1965",
        "Nelder, John A. and Mead, Roger",
        1965,
        "A Simplex Method for Function Minimization",
        "The Computer Journal 7(4), 308-313",
        ("race",),
        doi="10.1093/comjnl/7.4.308",
    ),
    Reference(
        "loshchilov2017",
        "Loshchilov, Ilya and Hutter, Frank",
        2017,
        "SGDR: Stochastic Gradient Descent with Warm Restarts",
        "ICLR (the cosine schedule)",
        ("race",),
        arxiv="1608.03983",
    ),
    Reference(
        "smith2019",
        "Smith, Leslie N. and Topin, Nicholay",
        2019,
        "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
        "SPIE Defense + Commercial Sensing (the one-cycle schedule)",
        ("race",),
        arxiv="1708.07120",
    ),
    Reference(
        "anscombe1973",
        "Anscombe, Francis J.",
        1973,
        "Graphs in Statistical Analysis",
        "The American Statistician 27(1), 17-21",
        ("regression",),
        doi="10.1080/00031305.1973.10478966",
    ),
    Reference(
        "hoerl1970",
        "Hoerl, Arthur E. and Kennard, Robert W.",
        1970,
        "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
        "Technometrics 12(1), 55-67",
        ("regression",),
        doi="10.1080/00401706.1970.10488634",
    ),
    Reference(
        "tibshirani1996",
        "Tibshirani, Robert",
        1996,
        "Regression Shrinkage and Selection via the Lasso",
        "Journal of the Royal Statistical Society B 58(1), 267-288",
        ("regression",),
        doi="10.1111/j.2517-6161.1996.tb02080.x",
    ),
    Reference(
        "zou2005",
        "Zou, Hui and Hastie, Trevor",
        2005,
        "Regularization and variable selection via the elastic net",
        "Journal of the Royal Statistical Society B 67(2), 301-320",
        ("regression",),
        doi="10.1111/j.1467-9868.2005.00503.x",
    ),
    Reference(
        "huber1964",
        "Huber, Peter J.",
        1964,
        "Robust Estimation of a Location Parameter",
        "The Annals of Mathematical Statistics 35(1), 73-101",
        ("regression",),
        doi="10.1214/aoms/1177703732",
    ),
    Reference(
        "pace1997",
        "Pace, R. Kelley and Barry, Ronald",
        1997,
        "Sparse spatial autoregressions",
        "Statistics & Probability Letters 33(3), 291-297 (California housing)",
        ("regression",),
        doi="10.1016/S0167-7152(96)00140-X",
    ),
    Reference(
        "efron2004",
        "Efron, Bradley and Hastie, Trevor and Johnstone, Iain and Tibshirani, Robert",
        2004,
        "Least angle regression",
        "The Annals of Statistics 32(2), 407-499 (the diabetes data)",
        ("regression",),
        doi="10.1214/009053604000000067",
    ),
    Reference(
        "rumelhart1986",
        "Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.",
        1986,
        "Learning representations by back-propagating errors",
        "Nature 323, 533-536",
        ("backprop",),
        doi="10.1038/323533a0",
    ),
    Reference(
        "glorot2010",
        "Glorot, Xavier and Bengio, Yoshua",
        2010,
        "Understanding the difficulty of training deep feedforward neural networks",
        "AISTATS, PMLR 9, 249-256",
        ("backprop",),
    ),
    Reference(
        "he2015",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        2015,
        "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet "
        "Classification",
        "ICCV",
        ("backprop",),
        arxiv="1502.01852",
    ),
    Reference(
        "baydin2018",
        "Baydin, Atilim Gunes and Pearlmutter, Barak A. and Radul, Alexey Andreyevich "
        "and Siskind, Jeffrey Mark",
        2018,
        "Automatic Differentiation in Machine Learning: a Survey",
        "Journal of Machine Learning Research 18(153), 1-43",
        ("backprop",),
        arxiv="1502.05767",
    ),
    Reference(
        "srivastava2014",
        "Srivastava, Nitish and Hinton, Geoffrey and Krizhevsky, Alex and Sutskever, Ilya "
        "and Salakhutdinov, Ruslan",
        2014,
        "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        "Journal of Machine Learning Research 15, 1929-1958",
        ("backprop",),
    ),
    Reference(
        "hendrycks2016",
        "Hendrycks, Dan and Gimpel, Kevin",
        2016,
        "Gaussian Error Linear Units (GELUs)",
        "arXiv",
        ("backprop",),
        arxiv="1606.08415",
    ),
    Reference(
        "sohldickstein2024",
        "Sohl-Dickstein, Jascha",
        2024,
        "The boundary of neural network trainability is fractal",
        "arXiv",
        ("backprop",),
        arxiv="2402.06184",
    ),
    Reference(
        "clenshaw1960",
        "Clenshaw, Charles W. and Curtis, Alan R.",
        1960,
        "A method for numerical integration on an automatic computer",
        "Numerische Mathematik 2, 197-205",
        ("integration",),
        doi="10.1007/BF01386223",
    ),
    Reference(
        "golub1969",
        "Golub, Gene H. and Welsch, John H.",
        1969,
        "Calculation of Gauss quadrature rules",
        "Mathematics of Computation 23(106), 221-230",
        ("integration",),
        doi="10.1090/S0025-5718-69-99647-1",
    ),
    Reference(
        "takahasi1974",
        "Takahasi, Hidetosi and Mori, Masatake",
        1974,
        "Double Exponential Formulas for Numerical Integration",
        "Publications of the Research Institute for Mathematical Sciences 9(3), 721-741",
        ("integration",),
        doi="10.2977/prims/1195192451",
    ),
    Reference(
        "trefethen2008",
        "Trefethen, Lloyd N.",
        2008,
        "Is Gauss Quadrature Better than Clenshaw-Curtis?",
        "SIAM Review 50(1), 67-87",
        ("integration",),
        doi="10.1137/060659831",
    ),
    Reference(
        "vehtari2024",
        "Vehtari, Aki and Simpson, Daniel and Gelman, Andrew and Yao, Yuling and Gabry, Jonah",
        2024,
        "Pareto Smoothed Importance Sampling",
        "Journal of Machine Learning Research 25(72), 1-58",
        ("importance",),
        arxiv="1507.02646",
    ),
    Reference(
        "zhang2009",
        "Zhang, Jin and Stephens, Michael A.",
        2009,
        "A New and Efficient Estimation Method for the Generalized Pareto Distribution",
        "Technometrics 51(3), 316-325",
        ("importance",),
        doi="10.1198/tech.2009.08017",
    ),
    Reference(
        "metropolis1953",
        "Metropolis, Nicholas and Rosenbluth, Arianna W. and Rosenbluth, Marshall N. "
        "and Teller, Augusta H. and Teller, Edward",
        1953,
        "Equation of State Calculations by Fast Computing Machines",
        "The Journal of Chemical Physics 21(6), 1087-1092",
        ("mcmc",),
        doi="10.1063/1.1699114",
    ),
    Reference(
        "hastings1970",
        "Hastings, W. Keith",
        1970,
        "Monte Carlo sampling methods using Markov chains and their applications",
        "Biometrika 57(1), 97-109",
        ("mcmc",),
        doi="10.1093/biomet/57.1.97",
    ),
    Reference(
        "haario2001",
        "Haario, Heikki and Saksman, Eero and Tamminen, Johanna",
        2001,
        "An adaptive Metropolis algorithm",
        "Bernoulli 7(2), 223-242",
        ("mcmc",),
    ),
    Reference(
        "neal2003",
        "Neal, Radford M.",
        2003,
        "Slice sampling",
        "The Annals of Statistics 31(3), 705-767",
        ("mcmc",),
        doi="10.1214/aos/1056562461",
    ),
    Reference(
        "neal2011",
        "Neal, Radford M.",
        2011,
        "MCMC using Hamiltonian dynamics",
        "Handbook of Markov Chain Monte Carlo, chapter 5",
        ("mcmc",),
        arxiv="1206.1901",
    ),
    Reference(
        "hoffman2014",
        "Hoffman, Matthew D. and Gelman, Andrew",
        2014,
        "The No-U-Turn Sampler: Adaptively Setting Path Lengths in Hamiltonian Monte Carlo",
        "Journal of Machine Learning Research 15, 1593-1623",
        ("mcmc",),
        arxiv="1111.4246",
    ),
    Reference(
        "betancourt2017",
        "Betancourt, Michael",
        2017,
        "A Conceptual Introduction to Hamiltonian Monte Carlo",
        "arXiv (multinomial NUTS, divergences)",
        ("mcmc",),
        arxiv="1701.02434",
    ),
    Reference(
        "goodman2010",
        "Goodman, Jonathan and Weare, Jonathan",
        2010,
        "Ensemble samplers with affine invariance",
        "Communications in Applied Mathematics and Computational Science 5(1), 65-80",
        ("mcmc",),
        doi="10.2140/camcos.2010.5.65",
    ),
    Reference(
        "liu2016",
        "Liu, Qiang and Wang, Dilin",
        2016,
        "Stein Variational Gradient Descent: A General Purpose Bayesian Inference Algorithm",
        "NeurIPS",
        ("mcmc",),
        arxiv="1608.04471",
    ),
    Reference(
        "roberts1998",
        "Roberts, Gareth O. and Rosenthal, Jeffrey S.",
        1998,
        "Optimal scaling of discrete approximations to Langevin diffusions",
        "Journal of the Royal Statistical Society B 60(1), 255-268",
        ("mcmc",),
        doi="10.1111/1467-9868.00123",
    ),
    Reference(
        "vehtari2021",
        "Vehtari, Aki and Gelman, Andrew and Simpson, Daniel and Carpenter, Bob "
        "and Bürkner, Paul-Christian",
        2021,
        "Rank-Normalization, Folding, and Localization: An Improved R-hat for Assessing "
        "Convergence of MCMC",
        "Bayesian Analysis 16(2), 667-718",
        ("mcmc",),
        arxiv="1903.08008",
    ),
    Reference(
        "rao1945",
        "Rao, C. Radhakrishna",
        1945,
        "Information and the accuracy attainable in the estimation of statistical parameters",
        "Bulletin of the Calcutta Mathematical Society 37, 81-91",
        ("geometry",),
    ),
    Reference(
        "atkinson1981",
        "Atkinson, Colin and Mitchell, Ann F. S.",
        1981,
        "Rao's distance measure",
        "Sankhyā A 43(3), 345-365",
        ("geometry",),
    ),
    Reference(
        "costa2015",
        "Costa, Sueli I. R. and Santos, Sandra A. and Strapasson, João E.",
        2015,
        "Fisher information distance: a geometrical reading",
        "Discrete Applied Mathematics 197, 59-69",
        ("geometry",),
        arxiv="1210.2354",
    ),
    Reference(
        "amari1998",
        "Amari, Shun-ichi",
        1998,
        "Natural Gradient Works Efficiently in Learning",
        "Neural Computation 10(2), 251-276",
        ("natural_gradient",),
        doi="10.1162/089976698300017746",
    ),
    Reference(
        "martens2020",
        "Martens, James",
        2020,
        "New Insights and Perspectives on the Natural Gradient Method",
        "Journal of Machine Learning Research 21(146), 1-76",
        ("natural_gradient",),
        arxiv="1412.1193",
    ),
    Reference(
        "kunstner2019",
        "Kunstner, Frederik and Hennig, Philipp and Balles, Lukas",
        2019,
        "Limitations of the Empirical Fisher Approximation for Natural Gradient Descent",
        "NeurIPS",
        ("natural_gradient",),
        arxiv="1905.12558",
    ),
    Reference(
        "miolane2020",
        "Miolane, Nina and others",
        2020,
        "Geomstats: A Python Package for Riemannian Geometry in Machine Learning",
        "Journal of Machine Learning Research 21(223), 1-9",
        ("geometry",),
        arxiv="2004.04667",
    ),
    Reference(
        "koren2008",
        "Koren, Yehuda",
        2008,
        "Factorization meets the neighborhood: a multifaceted collaborative filtering model",
        "KDD, 426-434 (SVD++)",
        ("recommender",),
        doi="10.1145/1401890.1401944",
    ),
    Reference(
        "koren2009",
        "Koren, Yehuda and Bell, Robert and Volinsky, Chris",
        2009,
        "Matrix Factorization Techniques for Recommender Systems",
        "Computer 42(8), 30-37",
        ("recommender",),
        doi="10.1109/MC.2009.263",
    ),
    Reference(
        "harper2015",
        "Harper, F. Maxwell and Konstan, Joseph A.",
        2015,
        "The MovieLens Datasets: History and Context",
        "ACM Transactions on Interactive Intelligent Systems 5(4), 19",
        ("recommender",),
        doi="10.1145/2827872",
    ),
    Reference(
        "hug2020",
        "Hug, Nicolas",
        2020,
        "Surprise: A Python library for recommender systems",
        "Journal of Open Source Software 5(52), 2174",
        ("recommender",),
        doi="10.21105/joss.02174",
    ),
    Reference(
        "chin2015",
        "Chin, Wei-Sheng and Zhuang, Yong and Juan, Yu-Chin and Lin, Chih-Jen",
        2015,
        "A Fast Parallel Stochastic Gradient Method for Matrix Factorization in Shared Memory "
        "Systems",
        "ACM Transactions on Intelligent Systems and Technology 6(1), 2 (LIBMF)",
        ("recommender",),
        doi="10.1145/2668133",
    ),
)

# Where each id of the tutorial's last slide leads, checked against citations of these ids.
WRONG_LINKS = (
    WrongLink(
        "2103.00498",
        "a survey of gradient-based optimization",
        "Topic Modelling Meets Deep Neural Networks: A Survey",
        "No paper of that title is known to us; the review to read is bottou2018",
    ),
    WrongLink(
        "2002.04839",
        "Adaptive Gradient Methods with Dynamic Bound of Learning Rate",
        "LaProp: Separating Momentum and Adaptivity in Adam",
        "luo2019",
    ),
    WrongLink(
        "2006.14372",
        "On the Convergence of Adam and Beyond",
        "Solving Differential Equations Using Neural Network Solution Bundles",
        "reddi2018",
    ),
)


def references() -> tuple[Reference, ...]:
    """Return every source, textbooks first."""
    return TEXTBOOKS + PAPERS


def cited_in(text: str) -> tuple[Reference, ...]:
    """Return the sources that a text cites by the first author's name and the year.

    >>> [source.key for source in cited_in("x ← x − η ∇f (Cauchy 1847).")]
    ['cauchy1847']
    """
    words = " ".join(text.split())
    return tuple(
        source
        for source in references()
        if re.search(rf"\b{source.people.split(' ')[0]}\b[^;:\d]{{0,40}}\b{source.year}\b", words)
    )


def bibtex(sources: Iterable[Reference]) -> str:
    """Return sources as one BibTeX file."""
    return "\n".join(map(_entry, sources))


def _entry(source: Reference) -> str:
    kind, home = ("book", "publisher") if source in TEXTBOOKS else ("article", "journal")
    fields = {
        "author": source.authors,
        "title": f"{{{source.title}}}",
        "year": str(source.year),
        home: source.where,
        "eprint": source.arxiv,
        "archiveprefix": "arXiv" if source.arxiv else "",
        "doi": source.doi,
    }
    rows = [f"  {name} = {{{_tex(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{source.key},", *rows, "}", ""])


def _tex(text: str) -> str:
    return text.replace("&", r"\&").replace("²", r"$^2$")
