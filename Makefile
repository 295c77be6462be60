# A thin menu over CMake presets; everything lands in build/release, binaries in build/release/bin.
# Each goal is one or two commands that can be typed as well.
.DEFAULT_GOAL := help
.PHONY: help demo build test soak bench format check clean configure

preset := release

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: configure  ## install what is missing, build, sync a simulated tenant and show what came out
	cmake --build --preset $(preset) --target baton-tenant baton-demo baton
	scripts/demo

build: configure  ## build everything
	cmake --build --preset $(preset)

test: build  ## install what is missing, build, run the tests of every change (at most 15 min after the build)
	scripts/test

soak: build  ## all tests and the long ones: full crash matrices, long fuzzing, large graphs
	scripts/test --soak

bench: build  ## the numbers of the README on this machine
	bench/run

format:  ## format all C++ in place
	git ls-files '*.cpp' '*.hpp' | xargs -r clang-format -i

check:  ## format, forbidden includes, text files: what has to hold before a change lands
	scripts/check

clean:  ## remove every build folder
	rm -rf build

configure:
	scripts/bootstrap
	cmake --preset $(preset)
