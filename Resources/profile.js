'use strict';
// Everything is computed here from the series: which thread was in which stack in which slot of time.
(() => {
    const data = JSON.parse(document.getElementById('data').textContent);
    const byId = (id) => document.getElementById(id);
    const make = (tag, text, className) => {
        const element = document.createElement(tag);
        if (text !== undefined) element.textContent = text;
        if (className) element.className = className;
        return element;
    };
    const { threads, functions, frames, series, strings, slots } = data;
    const parents = data.nodes.parents, nodeFrames = data.nodes.frames;
    const kinds = ['python', 'native', 'kernel', 'group'];
    const kindColours = ['#f6c26b', '#8fc7ee', '#f19a8e', '#c9ced6'];
    const secondsPerSample = data.nanosecondsPerSample / 1e9, secondsPerSlot = data.nanosecondsPerSlot / 1e9;
    const state = { from: 0, to: slots, chosen: new Set(threads.keys()), zoom: [], sort: 'own', isDescending: true, shown: 100 };
    const percent = (part, whole) => (whole ? 100 * part / whole : 0).toFixed(2);
    const seconds = (samples) => (samples * secondsPerSample).toFixed(3);

    // Labels: functions, lines or threads, each with a name, a place and a colour.
    function hash(text) {
        let value = 2166136261;
        for (let place = 0; place < text.length; place += 1) value = Math.imul(value ^ text.charCodeAt(place), 16777619);
        return value >>> 0;
    }
    function functionLabel(place, line) {
        const [name, file, kind, owner] = functions[place];
        const hue = [25 + hash(strings[owner]) % 110, 175 + hash(strings[owner]) % 105, 0, 0][kind];
        return {
            name: strings[name], kind, box: strings[name] + (line ? ':' + line : ''),
            place: strings[file] + (line ? (strings[file] ? ':' : 'line ') + line : ''),
            colour: kind === 3 ? kindColours[3] : `hsl(${hue} 65% ${70 + hash(strings[name]) % 11}%)`,
        };
    }
    const labels = {
        function: functions.map((_, place) => functionLabel(place, 0)),
        line: frames.map(([place, line]) => functionLabel(place, line)),
    };
    const threadLabels = threads.map((thread) => ({ name: thread.title, kind: 3, place: '', colour: kindColours[3] }));
    const rootLabel = { name: 'all', kind: 3, place: '', colour: kindColours[3] };

    function samplesOf(thread, own) {
        const list = series[thread];
        let slot = 0, sum = 0;
        for (let place = 0; place < list.length; place += 3) {
            slot += list[place];
            if (slot >= state.to) break;
            if (slot >= state.from) {
                own[list[place + 1]] += list[place + 2];
                sum += list[place + 2];
            }
        }
        return sum;
    }

    // A tree whose children come after their parents; merged by label.
    function newTree() {
        return { labels: [rootLabel], parent: [-1], own: [0], total: [0], children: [[]], known: [new Map()], depth: [0] };
    }
    function child(tree, parent, label) {
        let place = tree.known[parent].get(label);
        if (place === undefined) {
            place = tree.labels.length;
            tree.known[parent].set(label, place);
            tree.labels.push(label);
            tree.parent.push(parent);
            tree.own.push(0);
            tree.total.push(0);
            tree.children.push([]);
            tree.known.push(new Map());
            tree.depth.push(tree.depth[parent] + 1);
            tree.children[parent].push(place);
        }
        return place;
    }
    function addStacks(tree, base, own, isInverted) {
        const isPythonOnly = byId('pythonOnly').checked, isByLine = byId('grain').value === 'line';
        const isHidden = (node) => isPythonOnly && [1, 2].includes(functions[frames[nodeFrames[node]][0]][2]);
        const table = isByLine ? labels.line : labels.function;
        const label = (node) => table[isByLine ? nodeFrames[node] : frames[nodeFrames[node]][0]];
        if (isInverted) {
            for (let node = 0; node < own.length; node += 1) {
                if (!own[node]) continue;
                let place = base, isLeaf = true, left = 512;
                for (let walk = node; walk > 0 && left > 0; walk = parents[walk]) {
                    if (isHidden(walk)) continue;
                    place = child(tree, place, label(walk));
                    if (isLeaf) tree.own[place] += own[node];
                    tree.total[place] += own[node];
                    isLeaf = false;
                    left -= 1;
                }
                if (isLeaf) tree.own[base] += own[node];
                tree.total[base] += own[node];
                if (base) tree.total[0] += own[node];
            }
            return;
        }
        const sums = own.slice(), places = new Int32Array(own.length);
        for (let node = own.length - 1; node > 0; node -= 1) sums[parents[node]] += sums[node];
        places[0] = base;
        tree.own[base] += own[0];
        for (let node = 1; node < own.length; node += 1) {
            if (!sums[node]) continue;
            const outer = places[parents[node]];
            places[node] = isHidden(node) ? outer : child(tree, outer, label(node));
            tree.own[places[node]] += own[node];
        }
    }
    function build(isInverted, isByThread) {
        const tree = newTree();
        if (isByThread) {
            for (const thread of state.chosen) {
                const own = new Float64Array(parents.length);
                if (samplesOf(thread, own)) addStacks(tree, child(tree, 0, threadLabels[thread]), own, isInverted);
            }
        } else {
            const own = new Float64Array(parents.length);
            for (const thread of state.chosen) samplesOf(thread, own);
            addStacks(tree, 0, own, isInverted);
        }
        if (!isInverted) {
            for (let node = 0; node < tree.own.length; node += 1) tree.total[node] = tree.own[node];
            for (let node = tree.own.length - 1; node > 0; node -= 1) tree.total[tree.parent[node]] += tree.total[node];
        }
        const byName = (one, other) => {
            const [left, right] = [tree.labels[one], tree.labels[other]];
            return left.name < right.name ? -1 : left.name > right.name ? 1 : left.place < right.place ? -1 : 1;
        };
        for (const list of tree.children) if (list.length > 1) list.sort(byName);
        return tree;
    }

    // Text in /slashes/ is a regular expression; any other is looked for as it is, in either case.
    let pattern = null;
    function compile(text) {
        const slashes = /^\/(.+)\/$/.exec(text);
        try {
            return slashes ? new RegExp(slashes[1], 'i') : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
        } catch {
            return null;
        }
    }
    const isMatch = (label) => pattern !== null && label !== rootLabel && pattern.test(label.name + ' ' + label.place);

    let tree = newTree(), upright = tree, zoomed = 0, elements = new Map(), focused = 0;

    function pathTo(node) {
        const path = [];
        for (let walk = node; walk > 0; walk = tree.parent[walk]) path.unshift(tree.labels[walk]);
        return path;
    }
    function nodeAt(path) {
        let node = 0;
        for (const label of path) {
            const next = tree.known[node].get(label);
            if (next === undefined) break;
            node = next;
        }
        return node;
    }
    function describe(node) {
        const label = tree.labels[node], total = tree.total[node], own = tree.own[node];
        return `${label.name}${label.place ? ` (${label.place})` : ''}  total ${percent(total, tree.total[0])} % (${total} samples, `
            + `${seconds(total)} s) · own ${percent(own, tree.total[0])} % (${own} samples)`;
    }

    function drawIcicle() {
        const box = byId('icicle'), width = Math.max(100, box.clientWidth), rowHeight = 17, most = 5000;
        elements = new Map();
        const fragment = document.createDocumentFragment();
        let deepest = 0, left = most;
        function draw(node, x, w, isAbove) {
            const label = tree.labels[node], text = w >= 24 ? label.box || label.name : '';
            const element = make('div', text, 'call' + (isAbove ? ' above' : '') + (isMatch(label) ? ' match' : '') + (w < 24 ? ' small' : ''));
            element.style.left = x + 'px';
            element.style.width = Math.max(w, 0.5) + 'px';
            element.style.top = tree.depth[node] * rowHeight + 'px';
            element.style.background = byId('colour').value === 'kind' ? kindColours[label.kind] : label.colour;
            element.title = describe(node).replace('  ', '\n');
            element.tabIndex = -1;
            element.dataset.node = node;
            element.dataset.kind = kinds[label.kind];
            elements.set(node, element);
            fragment.append(element);
            deepest = Math.max(deepest, tree.depth[node]);
        }
        if (tree.total[0] > 0) {
            for (const outer of (() => {
                const list = [];
                for (let walk = tree.parent[zoomed]; walk >= 0; walk = tree.parent[walk]) list.unshift(walk);
                return list;
            })()) draw(outer, 0, width, true);
            let row = [[zoomed, 0, width]];
            while (row.length && left > 0) {
                const next = [];
                for (const [node, x, w] of row) {
                    draw(node, x, w, false);
                    left -= 1;
                    let start = x;
                    for (const inner of tree.children[node]) {
                        const share = w * tree.total[inner] / tree.total[node];
                        if (share >= 0.5) next.push([inner, start, share]);
                        start += share;
                    }
                }
                row = next;
            }
        }
        const foot = make('div');
        foot.style.height = (deepest + 1) * rowHeight + 'px';
        box.replaceChildren(foot, fragment);
        box.style.height = Math.min((deepest + 1) * rowHeight + 2, Math.max(200, window.innerHeight * 0.6)) + 'px';
        const first = elements.get(zoomed);
        if (first) first.tabIndex = 0;
        focused = zoomed;
        byId('details').textContent = tree.total[0] > 0 ? describe(zoomed) : 'no samples in this window';
        byId('reset').disabled = zoomed === 0;
    }

    function tableRows() {
        const rows = new Map(), active = new Map(), stack = [[0, 0]];
        while (stack.length) {
            const top = stack[stack.length - 1], [node, next] = top;
            const label = upright.labels[node];
            if (next === 0 && node > 0 && label.kind !== 3) {
                let row = rows.get(label);
                if (!row) rows.set(label, row = { label, name: label.name, place: label.place, own: 0, total: 0 });
                row.own += upright.own[node];
                const depth = active.get(label) || 0;
                if (depth === 0) row.total += upright.total[node];
                active.set(label, depth + 1);
            }
            if (next < upright.children[node].length) {
                top[1] += 1;
                stack.push([upright.children[node][next], 0]);
                continue;
            }
            stack.pop();
            if (node > 0 && label.kind !== 3) active.set(label, active.get(label) - 1);
        }
        return [...rows.values()];
    }

    function drawTable() {
        const key = state.sort, sign = state.isDescending ? -1 : 1, total = upright.total[0];
        let rows = tableRows();
        const count = rows.length;
        if (pattern) rows = rows.filter((row) => isMatch(row.label));
        rows.sort((one, other) => sign * (typeof one[key] === 'number' ? one[key] - other[key]
            : one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : 0) || other.total - one.total
            || (one.name < other.name ? -1 : 1));
        const body = document.createDocumentFragment();
        for (const row of rows.slice(0, state.shown)) {
            const line = make('tr');
            for (const text of [percent(row.own, total), percent(row.total, total), seconds(row.own), seconds(row.total)]) {
                line.append(make('td', text, 'number'));
            }
            line.append(make('td', row.name), make('td', row.place));
            line.title = `${row.name} ${row.place}\nown ${row.own}, total ${row.total} samples`;
            line.addEventListener('click', () => { byId('search').value = row.name; search(); });
            body.append(line);
        }
        byId('table').tBodies[0].replaceChildren(body);
        byId('rows').textContent = `${Math.min(rows.length, state.shown)} of ${count}`;
        byId('more').hidden = rows.length <= state.shown;
    }

    function drawFound() {
        let found = 0;
        if (pattern) {
            const pending = [0];
            while (pending.length) {
                const node = pending.pop();
                if (isMatch(tree.labels[node])) found += tree.total[node]; else pending.push(...tree.children[node]);
            }
        }
        byId('found').textContent = !byId('search').value ? '' : pattern ? `${percent(found, tree.total[0])} % matched` : 'not a regular expression';
    }

    function drawAll() {
        zoomed = nodeAt(state.zoom);
        drawIcicle();
        drawTable();
        drawFound();
    }
    function rebuild() {
        const isInverted = byId('inverted').checked, isByThread = byId('byThread').checked;
        tree = build(isInverted, isByThread);
        upright = isInverted ? build(false, false) : tree;
        const isWhole = state.from === 0 && state.to === slots;
        byId('window').textContent = `${(state.from * secondsPerSlot).toFixed(3)}–${(state.to * secondsPerSlot).toFixed(3)} s`
            + `${isWhole ? ', all of it' : ''} · ${tree.total[0]} samples · ${state.chosen.size} of ${threads.length} threads`;
        byId('wholeTime').disabled = isWhole;
        byId('allThreads').disabled = state.chosen.size === threads.length;
        const picked = byId('picked');
        picked.hidden = isWhole;
        picked.style.left = 100 * state.from / slots + '%';
        picked.style.width = 100 * (state.to - state.from) / slots + '%';
        byId('map').setAttribute('aria-valuenow', state.from);
        drawAll();
    }
    function search() {
        const text = byId('search').value;
        pattern = text ? compile(text) : null;
        drawAll();
    }
    function zoom(node) {
        state.zoom = pathTo(node);
        zoomed = node;
        drawIcicle();
        const element = elements.get(zoomed);
        if (element) byId('icicle').scrollTop = Math.max(0, element.offsetTop - 51);
    }

    // The map: a row for each thread, a column for each slot, as dark as the share of the slot's rounds it was seen in.
    function drawMap() {
        const rowHeight = 16, canvas = document.querySelector('#map canvas');
        canvas.width = slots;
        canvas.height = threads.length * rowHeight;
        canvas.style.height = canvas.height + 'px';
        const context = canvas.getContext('2d');
        const style = getComputedStyle(document.documentElement);
        const [cold, hot] = ['--cold', '--hot'].map((name) => style.getPropertyValue(name).split(',').map(Number));
        const full = Math.max(1, secondsPerSlot / secondsPerSample);
        threads.forEach((_, thread) => {
            const sums = new Float64Array(slots), list = series[thread];
            for (let place = 0, slot = 0; place < list.length; place += 3) {
                slot += list[place];
                sums[slot] += list[place + 2];
            }
            for (let slot = 0; slot < slots; slot += 1) {
                const share = Math.min(1, sums[slot] / full);
                const part = share > 0 ? 0.15 + 0.85 * share : 0;
                context.fillStyle = `rgb(${cold.map((value, place) => Math.round(value + (hot[place] - value) * part)).join(',')})`;
                context.fillRect(slot, thread * rowHeight, 1, rowHeight - 1);
            }
        });
    }
    function fillThreads() {
        const list = document.createDocumentFragment();
        threads.forEach((thread, place) => {
            const label = make('label'), box = make('input');
            box.type = 'checkbox';
            box.checked = true;
            box.dataset.thread = place;
            box.addEventListener('change', () => {
                if (box.checked) state.chosen.add(place); else state.chosen.delete(place);
                rebuild();
            });
            label.append(box, thread.title);
            label.title = `${thread.title}, pid ${thread.pid}; double click: only this one`;
            label.addEventListener('dblclick', (event) => {
                event.preventDefault();
                state.chosen = new Set([place]);
                showChosen();
                rebuild();
            });
            list.append(label);
        });
        byId('threads').replaceChildren(list);
    }
    function showChosen() {
        for (const box of byId('threads').querySelectorAll('input')) box.checked = state.chosen.has(Number(box.dataset.thread));
    }
    function pick(from, to) {
        state.from = Math.max(0, Math.min(slots - 1, Math.min(from, to)));
        state.to = Math.min(slots, Math.max(from, to, state.from + 1));
        rebuild();
    }

    const map = byId('map');
    let dragged = null;
    const slotAt = (event) => {
        const box = map.getBoundingClientRect();
        return Math.max(0, Math.min(slots, slots * (event.clientX - box.left) / box.width));
    };
    map.addEventListener('pointerdown', (event) => {
        dragged = slotAt(event);
        map.setPointerCapture(event.pointerId);
    });
    map.addEventListener('pointermove', (event) => {
        if (dragged === null) return;
        const here = slotAt(event), picked = byId('picked');
        picked.hidden = false;
        picked.style.left = 100 * Math.min(dragged, here) / slots + '%';
        picked.style.width = 100 * Math.abs(here - dragged) / slots + '%';
    });
    map.addEventListener('pointerup', (event) => {
        if (dragged === null) return;
        const here = slotAt(event);
        if (Math.abs(here - dragged) < 0.3) pick(0, slots); else pick(Math.floor(Math.min(dragged, here)), Math.ceil(Math.max(dragged, here)));
        dragged = null;
    });
    map.addEventListener('keydown', (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const width = state.to - state.from, isWhole = width === slots;
        if (event.shiftKey) pick(state.from, Math.max(state.from + 1, state.to + step));
        else if (isWhole) pick(0, Math.max(1, Math.round(slots / 10)));
        else {
            const from = Math.max(0, Math.min(slots - width, state.from + step));
            pick(from, from + width);
        }
    });

    function focus(node) {
        const element = elements.get(node);
        if (!element) return;
        const before = elements.get(focused);
        if (before) before.tabIndex = -1;
        focused = node;
        element.tabIndex = 0;
        element.focus();
        byId('details').textContent = describe(node);
    }
    function sibling(step) {
        const row = [...elements].filter(([node]) => tree.depth[node] === tree.depth[focused]);
        const place = row.findIndex(([node]) => node === focused);
        if (row[place + step]) focus(row[place + step][0]);
    }
    const icicle = byId('icicle');
    const nodeOf = (event) => {
        const element = event.target.closest('.call');
        return element ? Number(element.dataset.node) : null;
    };
    icicle.addEventListener('click', (event) => {
        const node = nodeOf(event);
        if (node !== null) { zoom(node); focus(node); }
    });
    icicle.addEventListener('mouseover', (event) => {
        const node = nodeOf(event);
        if (node !== null) byId('details').textContent = describe(node);
    });
    const keys = {
        ArrowLeft: () => sibling(-1),
        ArrowRight: () => sibling(1),
        ArrowUp: () => focus(tree.parent[focused]),
        ArrowDown: () => {
            const inner = tree.children[focused].filter((node) => elements.has(node));
            focus(inner.reduce((best, node) => (best === undefined || tree.total[node] > tree.total[best] ? node : best), undefined));
        },
        Enter: () => { const node = focused; zoom(node); focus(node); },
        Backspace: () => zoom(Math.max(0, tree.parent[zoomed])),
    };
    document.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const isTyping = /^(INPUT|SELECT|BUTTON)$/.test(event.target.tagName) && event.target.type !== 'checkbox';
        if (event.key === 'Escape') {
            if (byId('search').value) { byId('search').value = ''; search(); }
            else if (state.zoom.length) zoom(0);
            else if (state.to - state.from < slots) pick(0, slots);
            else document.activeElement.blur();
            return;
        }
        if (isTyping) return;
        if (event.key === '/') {
            event.preventDefault();
            byId('search').focus();
            return;
        }
        if (keys[event.key] && (icicle.contains(event.target) || event.target === document.body)) {
            event.preventDefault();
            keys[event.key]();
        }
    });

    byId('search').addEventListener('input', search);
    byId('reset').addEventListener('click', () => zoom(0));
    byId('wholeTime').addEventListener('click', () => pick(0, slots));
    byId('allThreads').addEventListener('click', () => {
        state.chosen = new Set(threads.keys());
        showChosen();
        rebuild();
    });
    for (const id of ['grain', 'inverted', 'byThread', 'pythonOnly']) {
        byId(id).addEventListener('change', () => { state.zoom = []; rebuild(); });
    }
    byId('colour').addEventListener('change', drawIcicle);
    byId('more').addEventListener('click', () => { state.shown *= 4; drawTable(); });
    const heads = [...byId('table').tHead.rows[0].cells];
    for (const head of heads) {
        head.addEventListener('click', () => {
            state.isDescending = head.hasAttribute('aria-sort') ? !state.isDescending : !['name', 'place'].includes(head.dataset.key);
            for (const other of heads) other.removeAttribute('aria-sort');
            head.setAttribute('aria-sort', state.isDescending ? 'descending' : 'ascending');
            state.sort = head.dataset.key;
            drawTable();
        });
    }
    window.addEventListener('resize', drawIcicle);

    byId('title').textContent = data.title;
    document.title = data.title;
    byId('heading').textContent = data.heading.join(' · ');
    byId('pythonOnlyLabel').hidden = !functions.some((entry) => entry[2] === 1 || entry[2] === 2);
    byId('grain').value = data.grain;
    byId('byThread').checked = data.isByThread;
    byId('inverted').checked = data.isInverted;
    byId('pythonOnly').checked = data.isPythonOnly;
    map.setAttribute('aria-valuemax', slots);
    fillThreads();
    drawMap();
    rebuild();
})();
