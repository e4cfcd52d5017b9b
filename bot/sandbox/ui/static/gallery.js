// The gallery shows; it reports nothing.

import { hydrateTables } from "./tables.js";
import { hydrateMoments } from "./zones.js";

hydrateTables(document);
hydrateMoments(document);
