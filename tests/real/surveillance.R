# What R's `surveillance` says about its own example series, as JSON for the test beside this file.
suppressMessages(library(surveillance))
data(salmNewport); data(salmonella.agona); data(hepatitisA)
number <- function(x) ifelse(is.na(x), "null", ifelse(is.infinite(x), "1e999", formatC(x, digits = 17, format = "g")))
many <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ","), "]")
out <- c()
say <- function(key, value) out <<- c(out, paste0('"', key, '":', value))

observed <- observed(salmNewport)
columns <- order(-colSums(observed))[c(1, 2, 5, 9, 13)]
small <- salmNewport[, columns]
small <- new("sts", observed = cbind(small@observed, rowSums(salmNewport@observed)),
             epoch = small@epoch, epochAsDate = TRUE, freq = 52)
dates <- as.Date(small@epoch, origin = "1970-01-01")
say("newport.dates", paste0('["', paste(dates, collapse = '","'), '"]'))
say("newport.counts", paste0("[", paste(apply(observed(small), 2, many), collapse = ","), "]"))
weeks <- 385:425
say("newport.weeks", many(weeks - 1))
for (method in c("delta", "nbPlugin", "muan")) for (reweight in c(TRUE, FALSE)) {
  control <- list(range = weeks, b = 4, w = 3, reweight = reweight, weightsThreshold = 2.58,
                  pastWeeksNotIncluded = 26, pThresholdTrend = 0.05, trend = TRUE, alpha = 0.01,
                  noPeriods = 10, limit54 = c(5, 4), powertrans = "2/3",
                  thresholdMethod = method, glmWarnings = FALSE)
  found <- suppressWarnings(farringtonFlexible(small, control))
  key <- paste("newport", method, reweight, sep = ".")
  for (part in c("score", "pvalue"))
    say(paste(key, part, sep = "."), paste0("[", paste(apply(found@control[[part]], 2, many), collapse = ","), "]"))
  say(paste(key, "upper", sep = "."), paste0("[", paste(apply(upperbound(found), 2, many), collapse = ","), "]"))
  say(paste(key, "alarm", sep = "."), paste0("[", paste(apply(alarms(found), 2, many), collapse = ","), "]"))
}
for (method in c("C1", "C2", "C3")) {
  found <- earsC(small, list(method = method))
  say(paste("ears", method, "upper", sep = "."), paste0("[", paste(apply(upperbound(found), 2, many), collapse = ","), "]"))
  say(paste("ears", method, "alarm", sep = "."), paste0("[", paste(apply(alarms(found), 2, many), collapse = ","), "]"))
}
for (name in c("salmonella.agona", "hepatitisA")) {
  series <- get(name)
  say(paste0("cusum.", name, ".counts"), many(series$observed))
  for (trans in c("standard", "rossi", "anscombe", "pearsonNegBin", "none")) {
    first <- 100
    found <- algo.cusum(series, list(range = first:length(series$observed), k = 1.04, h = 2.26, trans = trans))
    key <- paste("cusum", name, trans, sep = ".")
    say(paste0(key, ".m"), number(found$control$m))
    say(paste0(key, ".cusum"), many(found$cusum))
    say(paste0(key, ".alarm"), many(found$alarm))
  }
}
say("version", paste0('"', packageVersion("surveillance"), '"'))
cat("{", paste(out, collapse = ",\n"), "}\n")
