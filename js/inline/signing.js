// The wasm of the signing functions as a text.

// @ts-ignore: written by the build, which the check of the types does not wait for
import signing from "../../pkg/inline/signing.js";
import { elsewhere } from "../elsewhere.js";
import { bytesOf } from "./bytes.js";

elsewhere.signing = () => bytesOf(signing);
