"""The field's words for what the pages show: where a search for each of them leads."""

from typing import NamedTuple


class Synonym(NamedTuple):
    """Words of the field, and the page with the settings, as in a link, that shows them."""

    page: str
    words: tuple[str, ...]
    query: str = ""


def _lead(page: str, words: str, query: str = "") -> Synonym:
    """Return words that are parted by commas, and where they lead."""
    return Synonym(page, tuple(words.split(", ")), query)


SYNONYMS = (
    _lead(
        "descent",
        "gradient descent, learning rate, step size, derivative, slope, local minimum, convex "
        "function, Lipschitz constant",
    ),
    _lead(
        "descent",
        "bifurcation, chaos, period doubling",
        "descent_view=bifurcation",
    ),
    _lead(
        "descent",
        "cobweb diagram, fixed point",
        "descent_view=cobweb",
    ),
    _lead(
        "race",
        "Hessian, second order methods, condition number, saddle point, convergence, stochastic "
        "gradient descent, SGD, partial derivatives, contour lines, Newton's method, "
        "quasi-Newton methods, line search, Wolfe conditions, Armijo rule, backtracking, "
        "learning rate schedule, learning rate decay, adaptive learning rate, weight decay, "
        "stochastic optimisation",
    ),
    _lead(
        "race",
        "benchmark, performance profile, data profile, runtime distribution, COCO, "
        "hyperparameter tuning",
        "race_room=compare",
    ),
    _lead(
        "regression",
        "linear regression, least squares, straight line, loss surface, mini-batch, mean "
        "squared error, MSE, Huber loss, outlier, R squared, standardisation, normalisation, "
        "minibatch, feature scaling, R²",
    ),
    _lead(
        "regression",
        "ridge, lasso, regularisation, penalty, diabetes, multiple regression, "
        "cross-validation, early stopping, overfitting, collinearity, coordinate descent, "
        "eigenvalues, ridge regression, Tikhonov, L1 penalty, L2 penalty, shrinkage, normal "
        "equations",
        "regression_room=many",
    ),
    _lead(
        "regression",
        "house prices, leakage, data leakage, target leakage, pipeline, missing values, train "
        "test split, polynomial features, CSV upload",
        "regression_room=houses",
    ),
    _lead(
        "regression",
        "double descent, interpolation threshold, over-parametrised, minimum norm, ridgeless, "
        "random features, pseudo-inverse, benign overfitting, bias-variance tradeoff, "
        "over-parametrisation",
        "regression_room=double_descent",
    ),
    _lead(
        "backprop",
        "neural network, multilayer perceptron, MLP, deep learning, hidden layer, activation "
        "function, ReLU, sigmoid, dropout, batch size, decision boundary, vanishing gradient, "
        "classification, initialisation, exploding gradients, Xavier initialisation, He "
        "initialisation, softmax, minibatch, perceptron",
    ),
    _lead(
        "backprop",
        "chain rule, computational graph, automatic differentiation, autograd, cross-entropy, "
        "autodiff, reverse mode",
        "backprop_room=chain",
    ),
    _lead(
        "backprop",
        "one layer, dense layer, linear layer, matrix calculus, Jacobian, forward and backward "
        "pass",
        "backprop_room=layer",
    ),
    _lead(
        "backprop",
        "edge of stability, sharpness, flat minima, sharp minima, progressive sharpening, "
        "largest eigenvalue, Hessian spectrum, catapult, 2/η",
        "backprop_room=edge",
    ),
    _lead(
        "backprop",
        "Muon, Shampoo, Newton–Schulz, orthogonalised gradient, polar decomposition, singular "
        "values, deep linear network, Kronecker preconditioner, singular value decomposition, "
        "SVD, spectral norm",
        "backprop_room=matrices",
    ),
    _lead(
        "backprop",
        "PCA, principal components, hidden space",
        "backprop_view=spaces",
    ),
    _lead(
        "backprop",
        "loss landscape",
        "backprop_view=slice",
    ),
    _lead(
        "backprop",
        "mode connectivity, permutation symmetry, filter normalisation",
        "backprop_room=landscape",
    ),
    _lead(
        "recommender",
        "matrix factorization, collaborative filtering, latent factors, MovieLens, films, "
        "movies, ratings, SVD++, ALS, alternating least squares, nearest neighbours, cold "
        "start, biases, top-N, recommendation, recommender systems, Netflix prize, singular "
        "value decomposition, low rank, RMSE",
    ),
    _lead(
        "integration",
        "quadrature, numerical integration, trapezoid rule, Simpson's rule, area, "
        "antiderivative, Gaussian quadrature, Riemann sum, Romberg, improper integral",
    ),
    _lead(
        "integration",
        "expected value, expectation, mean, variance, moments, standard deviation",
        "integration_quantity=expectation&integration_reach=line",
    ),
    _lead(
        "integration",
        "probability, cumulative distribution function, CDF, density, tail probability, normal "
        "distribution, beta distribution, gamma distribution",
        "integration_quantity=probability",
    ),
    _lead(
        "integration",
        "curse of dimensionality",
        "integration_view=dimensions",
    ),
    _lead(
        "importance",
        "importance weights, proposal distribution, effective sample size, ESS, variance "
        "reduction, rare events, Pareto k, Monte Carlo, self-normalised weights, "
        "antithetic variates, control variates",
    ),
    _lead(
        "mcmc",
        "MCMC, Metropolis-Hastings, Hamiltonian Monte Carlo, HMC, NUTS, Gibbs sampler, "
        "posterior, Bayesian inference, R-hat, burn-in, mixing, autocorrelation, trace plot, "
        "slice sampler, Langevin, parallel tempering, Markov chain Monte Carlo, Gibbs sampling, "
        "acceptance rate, leapfrog",
    ),
    _lead(
        "geometry",
        "Christoffel, Christoffel symbols, Fisher information, information geometry, Riemannian "
        "metric, geodesic, curvature, KL divergence, Kullback-Leibler, Wasserstein, Hellinger, "
        "statistical manifold, Fisher-Rao distance, hyperbolic plane, Poincaré half-plane, "
        "optimal transport, exponential family, Gaussian",
    ),
    _lead(
        "geometry",
        "parallel transport, holonomy, connection",
        "geometry_room=transport",
    ),
    _lead(
        "geometry",
        "Cramér-Rao, Cramer-Rao bound, efficiency",
        "geometry_room=bound",
    ),
    _lead(
        "natural_gradient",
        "Fisher matrix, maximum likelihood, IRLS, Fisher scoring, reparametrisation, "
        "preconditioning",
    ),
    _lead(
        "natural_gradient",
        "logistic regression, separable data",
        "natural_gradient_room=logistic",
    ),
    _lead(
        "sweep",
        "hyperparameter search, grid search, random search, tuning",
    ),
    _lead(
        "pitfalls",
        "mistakes, errors of tutorials, misconceptions, slides",
    ),
    _lead(
        "references",
        "papers, books, bibliography, literature, sources",
    ),
)
